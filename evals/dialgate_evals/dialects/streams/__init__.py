"""Streams on record: the pieces of an answer, put together into the message that they make."""
