"""Who answers the agent in a run: each case's user, made ready, and the conversation itself."""
