"""Commands about the tool registry."""
