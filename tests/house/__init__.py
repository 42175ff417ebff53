"""The project itself: its plan, its words, its pages of how to add, its mutants."""
