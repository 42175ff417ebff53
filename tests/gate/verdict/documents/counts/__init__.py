"""What trials add up to."""
