"""Semantic drift of a tool registry: what a changed schema does to the calls that agents make.

`dialgate_gate.changes.tool_drift.schema_drift` is the way in; the modules here are its parts.
"""
