"""A trajectory and a case become outcomes."""
