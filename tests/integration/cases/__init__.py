"""How cases come: recorded, derived from decisions, accepted by a person."""
