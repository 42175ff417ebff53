"""Two runs side by side, gaps of evidence, history."""
