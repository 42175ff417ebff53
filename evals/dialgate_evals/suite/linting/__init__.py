"""What is wrong between files that are each right alone."""
