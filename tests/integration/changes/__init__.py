"""What a change touches, whatever the checkout is like, and that it can't move its judge."""
