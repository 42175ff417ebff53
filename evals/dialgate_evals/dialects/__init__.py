"""Other people's trajectories: one front door (`front_door`), one file a dialect."""
