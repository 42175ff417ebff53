"""What a policy can see on a suite, and its price."""
