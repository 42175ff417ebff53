"""What a tool's schema and description alone say of how an agent could do harm with it."""
