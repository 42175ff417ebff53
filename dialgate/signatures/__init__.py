"""Signing and verifying verdicts."""
