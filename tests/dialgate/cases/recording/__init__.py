"""What stands between an agent and what it talks to."""
