"""What earlier runs on record say: of each case, of what is new evidence, of what is right."""
