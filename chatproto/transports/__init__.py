"""Bytes to lines and back; knows nothing of rooms or dialects."""
