"""Builds the walls around one program: run by path, outside of any package."""
