"""The main job: both sides' evidence, the verdict on it, and one document."""
