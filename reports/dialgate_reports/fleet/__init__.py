"""The fleet: all suites on one page, and in a terminal."""
