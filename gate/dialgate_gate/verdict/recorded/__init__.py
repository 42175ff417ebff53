"""The verdict where trials are recorded or certain: exact tests on all that there is."""
