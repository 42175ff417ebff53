"""Tests of verdicts on recorded trials."""
