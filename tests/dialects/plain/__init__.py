"""Tests of the dialect of people on nc and telnet."""
