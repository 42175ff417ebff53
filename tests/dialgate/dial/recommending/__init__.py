"""Recommendations of moves."""
