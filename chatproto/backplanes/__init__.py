"""Other nodes; knows nothing of rooms."""
