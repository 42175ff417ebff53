"""`check` from request to verdict."""
