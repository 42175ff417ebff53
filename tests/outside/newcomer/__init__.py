"""A newcomer on a clean machine, step by step, with what each step costs."""
