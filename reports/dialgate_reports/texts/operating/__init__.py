"""Drills and rollouts, as text."""
