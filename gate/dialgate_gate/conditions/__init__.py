"""One thing that a mode asks for, as one value: what decides is what is shown."""
