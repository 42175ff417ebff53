"""Which Python the agent runs on, and where the files lie that only the user's checkout holds.

A relative path means the same file for every release: it is looked up in the user's checkout, not
in the tree of the release and not from the current folder.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from dialgate_evals.running.agent_protocol import InfrastructureError


def find_interpreter(named: str | None, home: Path, root: Path) -> str:
    """The interpreter: from the suite's folder in the user's checkout upwards to its root.

    Links are not followed: a virtual environment is known by the path of its link. Raises
    InfrastructureError where there is none.
    """
    if named is None:
        return sys.executable
    if os.sep not in named or Path(named).is_absolute():
        return named
    for folder in _upwards(home, root):
        path = Path(os.path.normpath(folder / named))
        if path.exists():
            return str(path)
    raise InfrastructureError(
        f"the agent's interpreter {named} is not there: looked for it in {home} and upwards to "
        f"{root}. Make that environment, or name another [agent] interpreter"
    )


def _upwards(home: Path, root: Path) -> list[Path]:
    above = [folder for folder in home.parents if folder == root or folder.is_relative_to(root)]
    return [home, *above]
