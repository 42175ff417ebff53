"""Conversations and suites of other tools as cases: read, cut into decision points, redacted."""
