"""Review events: the words of one, what a row must be, and a log that they are appended to."""
