"""Tests of blocks that follow each other."""
