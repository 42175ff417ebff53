"""What finds faults and names their cause: fuzz, mutate, blame, bisect, bundle, watch."""
