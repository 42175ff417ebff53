"""Reports are written and rendered again."""
