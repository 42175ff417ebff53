"""Review events from files and warehouses."""
