"""Variants of a suite's cases: what must stay as it is, move, or never happen. Pure.

Leaves drawing numbers and running agents to `dialgate.runs.fuzzing`.
"""
