"""Commands about a workspace and its files."""
