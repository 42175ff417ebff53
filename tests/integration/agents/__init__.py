"""What an agent is and how it is reached: whole runs with real processes and endpoints."""
