"""The agent's side of a Python agent: runs in the agent's own interpreter, Python 3.8 and later.

Standard library only, and nothing of it is on the agent's path: `start.py` is handed over by its
path and loads the others under one private name.
"""
