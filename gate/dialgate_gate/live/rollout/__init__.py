"""A rollout: two releases in production side by side, promoted, rolled back, or waited for."""
