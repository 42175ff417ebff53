"""Live and recorded runs, their records and histories."""
