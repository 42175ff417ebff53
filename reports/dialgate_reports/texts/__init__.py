"""Changes, drift, plans, runs and histories in words."""
