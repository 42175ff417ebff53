"""Trials that need not run again: the cache and earlier records."""
