"""What stands in a file, one document at a time, in whatever wrapping: text, archive, protobuf."""
