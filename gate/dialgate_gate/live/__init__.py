"""What production showed, and its detectors."""
