"""Leases: signatures, keys, what a lease says, and a folder of them that is watched."""
