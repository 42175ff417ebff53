"""Run records: written, read, merged, counted."""
