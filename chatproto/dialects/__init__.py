"""Lines to rooms and back; knows nothing of sockets or frames. One package or module per dialect."""
