"""Who answers an agent that asks back: what users are, what they say, and what counts as asking."""
