"""Other people's trajectories."""
