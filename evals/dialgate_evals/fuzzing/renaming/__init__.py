"""Other names for the same things, throughout messages, recordings and expectation."""
