"""`check` of several suites: judged one after the other, said as one."""
