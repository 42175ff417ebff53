"""Tests of found cases on the review page."""
