"""What changed: baselines, comparing, saves, lint."""
