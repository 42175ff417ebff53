"""Tests of dialgate.git."""
