"""The decision on each class and on the release: figures, findings, and the verdict of both."""
