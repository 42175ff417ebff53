"""Review events become case files."""
