"""Replies judged by a model, as whole commands."""
