"""Drills: trials that are interrupted, a ref that is run, actions that are taken back."""
