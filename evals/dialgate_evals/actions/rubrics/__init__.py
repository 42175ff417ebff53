"""What a text must say: criteria, who votes on them, and what needs no model to be decided."""
