"""The main job: inputs, judge, confirmation, verdict."""
