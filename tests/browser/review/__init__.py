"""The page on which reviewers decide: cases, labels, several tabs."""
