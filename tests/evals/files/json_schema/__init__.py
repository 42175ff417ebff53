"""JSON Schema beyond its newest dialect."""
