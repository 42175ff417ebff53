"""Simulated tools, alone and over MCP."""
