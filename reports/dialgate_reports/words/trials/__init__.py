"""One trial in words: its trajectory, the votes on it, the reads that no recording answered."""
