"""Tests of the load and capacity tool."""
