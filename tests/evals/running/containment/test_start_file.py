"""What a started program sees: its environment where the project calls it, wherever it is kept."""

from __future__ import annotations

import marshal
from typing import TYPE_CHECKING

import pytest

from dialgate_evals.running.containment.release_copy import ReleaseCopy
from dialgate_evals.running.containment.start_file import StartFile, write_start_file
from dialgate_evals.running.containment.walls import Means

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("is_committed", [False, True])
def test_a_linked_environment_stands_where_the_project_calls_it(
    tmp_path: Path, is_committed: bool
) -> None:
    kept, project, copy = (tmp_path / name for name in ("kept", "project", "copy"))
    for folder in (kept, project, copy, tmp_path / "start"):
        folder.mkdir()
    (project / ".venv").symlink_to(kept)
    if is_committed:
        (copy / ".venv").symlink_to(kept)
    start = StartFile(
        means=Means.NAMESPACES,
        temporary=tmp_path,
        copy=ReleaseCopy(folder=copy, root=project),
        also_at=(project,),
        parts=(project / ".venv",),
        folder="/release",
        command=("true",),
        environment={},
    )
    write_start_file(start, tmp_path / "1.start", line=0)
    shown = marshal.loads((tmp_path / "1.start").read_bytes())["shown_last"]
    places = {place for source, place in shown if source == str(project / ".venv")}
    # A link that the copy holds leads there by itself.
    assert places == {str(kept)} | (set() if is_committed else {str(project / ".venv")})
