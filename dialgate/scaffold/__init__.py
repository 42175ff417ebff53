"""A new workspace: what `dialgate init` writes."""
