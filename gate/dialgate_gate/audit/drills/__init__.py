"""Drills: what one showed, as a statement that is signed, and whether it counts."""
