"""Sequential detectors of what a watch looks at, and the limits that they learn from a past."""
