"""The same request said otherwise."""
