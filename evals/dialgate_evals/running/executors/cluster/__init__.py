"""Trials on other machines: a Dask cluster behind the same seam as this machine's engine."""
