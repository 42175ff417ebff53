"""What a test needs that a machine may lack: it skips with the reason."""
