"""Review events from anywhere."""
