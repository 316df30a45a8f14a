"""Tests of what can happen."""
