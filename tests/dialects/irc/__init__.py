"""Tests of the dialect of IRC clients."""
