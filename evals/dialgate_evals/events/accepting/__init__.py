"""Decisions on recorded trajectories: what is on record, what it asks of a case, who agrees."""
