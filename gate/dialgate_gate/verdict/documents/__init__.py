"""The verdict and the changes as documents."""
