"""Tests of the dialects: lines in, lines out."""
