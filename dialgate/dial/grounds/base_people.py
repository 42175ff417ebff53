"""The people by whose word things count: the base's, as a change chooses none of its own approvers.

Owners, roles, rota and the keys that sign drills. Leaves proving the base to `dialgate.git`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dialgate.git.base_files import laid_out
from dialgate.git.base_ref import suite_path_at
from dialgate.git.default_base import default_base
from dialgate.git.git_checkout import open_checkout
from dialgate.git.raw_tree import read_blobs
from dialgate_evals.errors import UsageError
from dialgate_evals.files.problems import join_words
from dialgate_gate.settings.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dialgate.git.base_ref import GitBaseline
    from dialgate_gate.settings.settings import GateSettings

_FILES = ("owners.toml", "runbook.toml", "policy.toml")


@dataclass(frozen=True, kw_only=True)
class BasePeople:
    """Settings whose people are the base's, and what was put aside for them."""

    settings: GateSettings
    # the working tree's, but for owners, roles and rota
    keys_of: GateSettings
    # whose owners and policy say whose signature on a drill counts
    note: str | None
    # a sentence; None: the working tree names the same people


def people_of_base(
    folder: Path, settings: GateSettings, *, must_be_proven: bool = False
) -> BasePeople:
    """The settings with the base's people. Outside git, and for a new suite, the working tree's.

    Where a base can't be proven, as in a shallow clone, the working tree's are shown and that is
    said; `must_be_proven`, for what signs on their word: UsageError. Raises ConfigurationError
    where the base's files are wrong.
    """
    same = BasePeople(settings=settings, keys_of=settings, note=None)
    try:
        baseline = default_base(folder, is_changed=True)
    except UsageError as error:
        if must_be_proven:
            raise
        note = f"Whose people count isn't known, these are the working tree's: {error}"
        return replace(same, note=note)
    if baseline is None or suite_path_at(folder, baseline.commit) is None:
        return same
    rota = [settings.runbook.rota] if settings.runbook.rota else []
    same_shifts = _are_equal(folder, baseline, rota)
    if same_shifts and _are_equal(folder, baseline, _FILES):
        return same
    with laid_out(folder, baseline) as base:
        theirs = load_settings(base)
    runbook = replace(settings.runbook, owners=theirs.runbook.owners)
    judged = replace(settings, owners=theirs.owners, runbook=runbook, rota=theirs.rota)
    return BasePeople(
        settings=judged,
        keys_of=theirs,
        note=_note(settings, judged, baseline, same_shifts=same_shifts),
    )


def _are_equal(folder: Path, baseline: GitBaseline, names: Sequence[str]) -> bool:
    """Whether the commit holds the very bytes that lie in the working tree."""
    checkout = open_checkout(folder)
    relative = suite_path_at(folder, baseline.commit)
    assert checkout is not None
    assert relative is not None
    for name in names:
        listed = checkout.ask("ls-tree", baseline.commit, "--", (relative / name).as_posix())
        here = (folder / name).read_bytes() if (folder / name).is_file() else None
        fields = (listed or "").split()
        there = next((raw for _, raw in read_blobs(checkout, fields[2:3])), None)
        if here != there:
            return False
    return True


def _note(
    mine: GateSettings, judged: GateSettings, baseline: GitBaseline, *, same_shifts: bool
) -> str | None:
    parts = {
        "people": mine.owners != judged.owners,
        "roles": mine.runbook.owners != judged.runbook.owners,
        "shifts": not same_shifts,
    }
    changed = [name for name, differs in parts.items() if differs]
    if not changed:
        return None
    return (
        f"The working tree has other {join_words(changed)} than {baseline}, whose count until "
        "they are merged."
    )
