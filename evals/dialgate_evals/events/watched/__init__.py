"""Watching review events: one look at a source, and a state from which the next goes on."""
