"""Personal data and its pseudonyms."""
