"""Tests of what `twistd chat` does in the place of starting the server."""
