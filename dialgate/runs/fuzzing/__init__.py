"""Variants of a suite's cases drawn, run, confirmed and made small: the wiring of `fuzz`."""
