"""The guard against losses of speed: paths, pairs of turns, and when a loss is believed."""
