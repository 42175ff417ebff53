"""dialgate where others put it: the action, CI examples, hooks, the wheel, no pytest."""
