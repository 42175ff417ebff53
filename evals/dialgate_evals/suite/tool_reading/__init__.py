"""How tool lists and arguments are written, and what they say."""
