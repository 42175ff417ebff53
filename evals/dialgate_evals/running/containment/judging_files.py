"""What an agent must not find in its copy: the cases it is judged by, and the simulator's code."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dialgate_evals.suite.suite import Suite


def judging_files(suite: Suite, suite_folder: Path) -> list[Path]:
    """The suite's cases and simulator, wherever in the workspace they lie."""
    found: list[Path] = []
    for pattern in suite.cases:
        start = Path(os.path.normpath(suite_folder / pattern.partition("*")[0]))
        folder = start if start.is_dir() else start.parent
        rest = os.path.relpath(os.path.normpath(suite_folder / pattern), folder)
        found += folder.glob(rest)
    if suite.simulator:
        found.append(suite_folder / suite.simulator.partition(":")[0])
    return found
