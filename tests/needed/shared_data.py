"""Where the development data lies: real agents' trajectories, events, an external oracle.

The data isn't part of the project; tests that use it skip with a reason where it is absent.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("DIALGATE_SHARED", Path(__file__).parents[3] / "shared")).resolve()

needs_shared = pytest.mark.skipif(
    not (SHARED / "suites").is_dir(),
    reason="the development data is not here; set DIALGATE_SHARED to its folder",
)
