"""Which votes of a judge may decide: what labels show of it, beside what the policy asks."""
