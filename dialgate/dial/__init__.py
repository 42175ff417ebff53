"""The dial: look-up, moves, recommendation, watch."""
