"""The graduation report and the dial in words."""
