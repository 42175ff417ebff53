"""Signatures on moves of the dial: what is signed, by which keys, and whose signature it takes."""
