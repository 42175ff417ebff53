"""What knows Dask: connecting to a scheduler, what it may unpickle here, `local:N`."""
