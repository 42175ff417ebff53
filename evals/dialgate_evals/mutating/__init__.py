"""Mutants of behaviour: what an agent could do wrong, and whether the suite would notice.

Made from what the cases expect and what a run recorded, without one agent call.
Source: mutation analysis, DeMillo, Lipton and Sayward, "Hints on test data selection" (1978),
turned from the lines of a program to the actions of an agent.
"""
