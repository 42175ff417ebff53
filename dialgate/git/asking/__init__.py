"""How git is asked: a process for a question, one for many objects, each question once."""
