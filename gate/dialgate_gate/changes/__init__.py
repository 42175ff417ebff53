"""What differs between two releases or suites, and what weakens the judge."""
