"""Drills and rollouts: trials interrupted, a ref that is run, two releases side by side."""
