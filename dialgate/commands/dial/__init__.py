"""Commands about the dial and what production showed."""
