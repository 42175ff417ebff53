"""Tool lists and arguments."""
