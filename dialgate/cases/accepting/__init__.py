"""`dialgate accept`: decisions on recorded trajectories become cases and events."""
