"""Several suites judged by one check: a row each, and each one's verdict folded."""
