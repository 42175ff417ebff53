"""What an agent that runs here may read beside its code: the files of its suite's folder.

A program in another language says nothing of what it loads, one in Python nothing of the data that
it reads. So a bundle holds all that the walls would show it, as long as that is small. Leaves which
files a case needs of the judge to `bundling`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dialgate_evals.files.problems import join_words
from dialgate_evals.running.containment.release_copy import find_release
from dialgate_evals.suite.suite import AgentKind

if TYPE_CHECKING:
    from dialgate_evals.suite.workspace import Workspace

MOST_FILES = 500
MOST_BYTES = 8 * 2**20
"""Over either, only files that are named or known to be loaded are packed."""


def agent_files(workspace: Workspace, out: Path) -> tuple[list[Path], list[str]]:
    """The files, and in words what a replay needs beside them.

    Hidden files are left out: settings of editors and secrets lie there.
    """
    if workspace.suite.agent.kind not in {AgentKind.PYTHON, AgentKind.COMMAND}:
        return [], []
    folder = workspace.folder.resolve()
    judging = [*workspace.case_files(), out]
    found = find_release(folder, left_out=[path.resolve() for path in judging], may_show=False)
    files = [path for path in (Path(text) for text, _ in found.files) if not _hidden(path, folder)]
    elsewhere = [Path(text).relative_to(folder).as_posix() for text in sorted(found.shown)]
    needs = [f"what lies in {join_words(elsewhere[:5])}"] if elsewhere else []
    if len(files) > MOST_FILES or found.size > MOST_BYTES:
        return [], [*needs, "what else the agent reads in its folder, which is too much to pack"]
    return files, needs


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)
