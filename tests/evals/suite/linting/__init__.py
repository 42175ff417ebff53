"""Checks of a suite across its files."""
