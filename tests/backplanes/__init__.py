"""Tests of how nodes hear of each other."""
