"""Pages of thousands of cases."""
