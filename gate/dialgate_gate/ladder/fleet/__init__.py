"""Many suites at once: where each class stands, what needs a decision, which comes first."""
