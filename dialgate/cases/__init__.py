"""Case files: derived from review events, written by people, imported."""
