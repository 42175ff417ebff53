"""Python agents in processes of their own: the pool's side, and the worker's side in `worker`."""
