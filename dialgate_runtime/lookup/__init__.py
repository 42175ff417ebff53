"""Which class a call is in, by the exported dial, and the mode that it has now."""
