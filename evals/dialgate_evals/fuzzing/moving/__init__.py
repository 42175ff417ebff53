"""Changes after which another action is right."""
