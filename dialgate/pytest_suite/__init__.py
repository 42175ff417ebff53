"""Cases as pytest items."""
