"""Growth of time and memory: what is measured, its figures, and their chart."""
