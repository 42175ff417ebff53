"""Providers' APIs as they are spoken over HTTP, one file each."""
