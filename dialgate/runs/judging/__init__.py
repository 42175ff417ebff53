"""Who votes on replies in a run, and which of those votes may decide."""
