"""Judges of judge.toml: asked what rules can't decide, bounded, and never believed blindly."""
