"""Commands about a release and its baseline."""
