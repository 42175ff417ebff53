"""What a stranger would do: frameworks and clean machines, with a model on loopback."""
