"""Review events counted where they lie."""
