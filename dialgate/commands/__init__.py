"""One file per command, each with a click command named `command`.

Heavy imports stand inside the function that needs them, so that `--help` is instant.
"""
