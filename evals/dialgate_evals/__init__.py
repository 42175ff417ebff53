"""Cases, suites, releases, simulated tools, reaching the agent, scoring, run records.

Knows what an agent did and what became of each action; leaves what is good enough to `gate`.
"""
