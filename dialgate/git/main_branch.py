"""Which branch is the main one: what says so, never a name that happens to be there among others.

Leaves where a change left that branch to `dialgate.git.base_ref`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.errors import UsageError

if TYPE_CHECKING:
    from dialgate.git.git_checkout import Checkout

_USUAL = ("main", "master", "trunk", "develop", "mainline", "default")

WHOLE_HISTORY = (
    "For the history of all branches: git fetch --unshallow origin "
    "'+refs/heads/*:refs/remotes/origin/*' (with actions/checkout: fetch-depth: 0)."
)


def find_main_branch(checkout: Checkout, named: str | None) -> str:
    """The ref of the main branch; `named` is what a CI calls it.

    What the remote or the CI says, else the only usual name there is, else the only branch there
    is. Raises UsageError, with the command that settles it, where none of them says it.
    """
    remotes = _remotes(checkout)
    if named is not None:
        for ref in (*(f"{remote}/{named}" for remote in remotes), named):
            if checkout.commit_of(ref):
                return ref
    for remote in remotes:
        if checkout.commit_of(f"{remote}/HEAD"):
            return f"{remote}/HEAD"
    for remote in remotes:
        tracked = _names(checkout, f"refs/remotes/{remote}/")
        if tracked:
            return _only_usual(checkout, [f"{remote}/{name}" for name in tracked], remote)
    return _local(checkout, remotes[0] if remotes else None)


def _remotes(checkout: Checkout) -> list[str]:
    """The remotes that are configured, `origin` first."""
    parts = [key.split(".") for key in checkout.settings]
    names = {".".join(part[1:-1]) for part in parts if part[0] == "remote" and len(part) > 2}
    return sorted(names, key=lambda name: (name != "origin", name))


def _local(checkout: Checkout, remote: str | None) -> str:
    branches = _names(checkout, "refs/heads/")
    if remote is None and branches == [checkout.branch]:
        return branches[0]
    return _only_usual(checkout, branches, remote)


def _only_usual(checkout: Checkout, refs: list[str], remote: str | None) -> str:
    usual = [ref for ref in refs if ref.rpartition("/")[2] in _USUAL and ref.count("/") <= 1]
    if len(usual) == 1:
        return usual[0]
    if checkout.is_shallow:
        raise UsageError(
            "This is a shallow clone without the main branch, so there is no base to compare "
            "with. Fetch it: git fetch --depth=1 origin main:refs/remotes/origin/main and name it "
            f"with --baseline origin/main. {WHOLE_HISTORY}"
        )
    which = f"{' and '.join(usual)} could each be it" if usual else "none has a usual name"
    if remote is None:
        raise UsageError(
            f"Which branch is the main one is not said: {which}. Name the base with --baseline REF."
        )
    raise UsageError(
        f"There is a remote, but none of its branches is known to be the main one ({which}). Name "
        f"the base with --baseline {remote}/BRANCH, or run: git remote set-head {remote} --auto"
    )


def _names(checkout: Checkout, below: str) -> list[str]:
    listed = checkout.ask("for-each-ref", "--format=%(refname)", below) or ""
    names = [line.removeprefix(below) for line in listed.splitlines()]
    return [name for name in names if name != "HEAD"]
