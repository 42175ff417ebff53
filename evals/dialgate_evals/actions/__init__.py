"""Calls, action classes, argument rules, matching, outcomes, redaction."""
