"""Personal data in events: where it stands, what replaces it, so that equal stays equal."""
