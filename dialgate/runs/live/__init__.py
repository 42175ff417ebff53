"""Running an agent now: what is due, what is on record of it, and what errored run again."""
