"""What each interface promises, asked of each implementation of it."""
