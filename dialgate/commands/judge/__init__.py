"""Commands on a suite's judge of replies and texts."""
