"""What a terminal shows while something runs, and when it ended."""
