"""What `dialgate doctor` looks at: one file for each check, listed in `examination`."""
