"""The dial from evidence to a signed move, and what an auditor is handed."""
