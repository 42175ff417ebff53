"""What a search found in a suite or a change, for people. Pure, each from its document."""
