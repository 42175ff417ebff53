"""The simulator's side: runs in a process of its own, standard library only."""
