"""What becomes of an alarm: pages, moves of the dial, messages, metrics."""
