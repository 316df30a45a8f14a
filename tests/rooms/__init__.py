"""Tests of the chat itself."""
