"""What an evidence pack shows of which requirement, and the manifest that holds it together."""
