"""What can be told of a text without a model: phrases, denials, numbers, dates, names."""
