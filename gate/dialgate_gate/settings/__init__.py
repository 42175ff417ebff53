"""Policy, dial and runbook: what people decided."""
