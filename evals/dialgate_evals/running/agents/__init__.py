"""Reaching the agent: one small protocol, one file per dress.

A new adapter is a new file beside these and a line in `dialgate_evals.running.agents.registry`.
"""
