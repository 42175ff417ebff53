"""Whether the path that names a suite is still the suite that a base knows under it.

A link, a submodule or a repository of its own in its place would let a change bring its own base.
Leaves finding the base to `dialgate.git.base_ref`.
"""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from dialgate.git.base_ref import EVERY_NAME
from dialgate.git.git_checkout import Checkout, open_checkout
from dialgate_evals.errors import UsageError

_KNOWN_BASES = ("origin/HEAD", "origin/main", "origin/master", "main", "master", "HEAD")


def refuse_replaced(folder: Path, baseline: str | None) -> None:
    """Raises UsageError where a base knows the path as a folder of its own repository, and it is
    a link or another repository now."""
    named = Path(os.path.abspath(folder))  # noqa: PTH100 - links stay as they are
    found = _replaced_at(named)
    if found is None:
        return
    outer, place, what = found
    path = place.relative_to(outer.root).as_posix()
    suite = named.relative_to(outer.root).as_posix() if named.is_relative_to(outer.root) else path
    for ref in dict.fromkeys((*([baseline] if baseline else ()), *_KNOWN_BASES)):
        commit = outer.commit_of(ref)
        if commit and outer.object_at(f"{commit}:{suite}/suite.toml") is not None:
            raise UsageError(
                f"{path} is {what} now, and {ref} ({commit[:12]}) holds the suite {suite} there: "
                "a change may not bring its own base. Restore the folder."
            )


def _replaced_at(named: Path) -> tuple[Checkout, Path, str] | None:
    """The outermost checkout, and the first link or repository below it on the way to the suite."""
    outer: Checkout | None = None
    for above in (*reversed(named.parents), named):
        if outer is not None and above.is_symlink():
            return outer, above, "a link"
        if (above / ".git").exists() and not above.is_symlink():
            if outer is not None:
                return outer, above, "a repository of its own"
            outer = open_checkout(above)
    return None


def gone_suites(folder: Path, commit: str) -> list[str]:
    """Suites that the commit holds and the working tree no longer does."""
    checkout = open_checkout(folder)
    if checkout is None:
        return []
    return [
        place
        for place in suites_at(checkout, commit)
        if not (checkout.root / place / "suite.toml").is_file()
    ]


def suites_at(checkout: Checkout, commit: str) -> list[str]:
    """The folders of the suites that the commit holds."""
    listed = checkout.git(*EVERY_NAME, commit)
    paths = (PurePosixPath(os.fsdecode(name)) for name in listed.split(b"\0") if name)
    return [path.parent.as_posix() for path in paths if path.name == "suite.toml"]
