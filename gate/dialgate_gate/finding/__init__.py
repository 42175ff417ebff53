"""When a failing variant of a case is a finding and no noise."""
