"""Other names for the same things, throughout messages, recordings, expectation and user."""
