"""A finding as a case, and what of its context may be left out."""
