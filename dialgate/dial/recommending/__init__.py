"""From evidence to recommended moves: what is gathered, decided, written and shown."""
