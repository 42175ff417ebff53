"""What runs on a worker: one importable function that answers bytes with bytes."""
