"""`check` and what belongs to it: baselines, plans, history, sentences."""
