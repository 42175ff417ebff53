"""Which change of a release broke it: its changes in pieces, and a search with noisy answers."""
