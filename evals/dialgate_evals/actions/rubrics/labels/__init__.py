"""What people say of criteria on texts, and what judges said of the same texts."""
