"""One failing trial in a folder that runs again without its suite: written, read, replayed."""
