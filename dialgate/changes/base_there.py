"""Whether `check` finds what a change is measured against: `doctor`'s look at git."""

from __future__ import annotations

import shlex
import shutil
from typing import TYPE_CHECKING

from dialgate.git.asking.git_process import GitError
from dialgate.git.default_base import default_base
from dialgate.git.git_checkout import open_checkout
from dialgate.scaffold.doctor.finding import Finding, State
from dialgate_evals.errors import ConfigurationError, UsageError
from dialgate_evals.files.problems import show_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FIRST = "git add -A && git commit -m 'the agent and its suite'"


def check_base(folder: Path) -> Iterator[Finding]:
    """What a check of the suite would be measured against, as if something were changed."""
    if shutil.which("git") is None:
        text = "git is not installed, so there is no base: a change is compared with nothing"
        yield _finding(State.MEND, text, "sudo apt-get install git")
        return
    try:
        checkout = open_checkout(folder)
        if checkout is None:
            text = f"{show_path(folder)} is in no git checkout: a change is compared with nothing"
            yield _finding(State.NOTE, text, f"git init -b main && {_FIRST}")
        elif checkout.commit_of("HEAD") is None:
            text = "nothing is committed yet: a check judges a first release, by its own policy"
            yield _finding(State.NOTE, text, _FIRST)
        else:
            yield _of_base(folder, checkout.is_shallow)
    except (UsageError, GitError, ConfigurationError) as error:
        yield _finding(State.MEND, str(error), _unshallow(folder))


def _of_base(folder: Path, is_shallow: bool) -> Finding:
    base = default_base(folder, is_changed=True)
    text = f"a change is compared with {base}"
    if not is_shallow:
        return _finding(State.OK, text, "")
    shallow = f"{text}; this is a shallow clone, where other bases may not be found"
    return _finding(State.NOTE, shallow, _unshallow(folder))


def _unshallow(folder: Path) -> str:
    """What brings the history that a shallow clone lacks; empty elsewhere."""
    checkout = open_checkout(folder)
    if checkout is None or not checkout.is_shallow:
        return ""
    return f"git -C {shlex.quote(show_path(folder))} fetch --unshallow origin"


def _finding(state: State, text: str, mend: str) -> Finding:
    return Finding(check="base", state=state, text=text, mend=mend)
