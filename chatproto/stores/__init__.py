"""What is remembered; knows nothing of rooms."""
