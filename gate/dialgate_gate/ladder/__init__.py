"""The conditions of a mode, the recommendation, readiness."""
