"""What a change must not do to its own judge: rules for paths, keys, cases and the runbook."""
