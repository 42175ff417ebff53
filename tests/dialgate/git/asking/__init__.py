"""Tests of dialgate.git.asking."""
