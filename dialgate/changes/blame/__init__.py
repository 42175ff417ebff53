"""Which change broke it: mixed releases laid out, run and asked, within a budget."""
