"""Commands about runs and their records."""
