"""A newcomer on a clean machine: the tutorial's lines, played one by one, and what each costs."""
