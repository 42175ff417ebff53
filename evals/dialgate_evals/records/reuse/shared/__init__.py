"""Trials shared between machines: a store by URL, which is not trusted, and entries that are."""
