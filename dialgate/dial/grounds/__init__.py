"""What a mode rests on beside review events: eval runs, drills, people, earlier moves."""
