"""Extras of other people that whole modules of tests need."""

from __future__ import annotations

from importlib.util import find_spec

import pytest


def need(module: str, reason: str) -> None:
    """Skips the module of tests that asks where the named one isn't installed.

    It is not imported: every worker collects all tests, and few of them run these.
    """
    if find_spec(module) is None:
        pytest.skip(reason, allow_module_level=True)
