"""What trials add up to, as fields of the verdict: passes, tags, criteria, usage."""
