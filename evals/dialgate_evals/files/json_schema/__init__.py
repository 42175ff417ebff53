"""JSON Schema beyond its newest dialect: older ones, and regular expressions."""
