"""Blocks of trials as they follow each other: which is next, and what all of them showed."""
