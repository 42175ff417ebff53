"""Submodules of a commit that is laid out elsewhere, filled from where they are checked out.

Nothing is fetched: a submodule whose commit is not here stays empty, and is named to whoever misses
a file of it.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from dialgate.git.git_checkout import Checkout

if TYPE_CHECKING:
    from collections.abc import Callable

_LINK = b"160000 "


def fill_submodules(
    checkout: Checkout,
    commit: str,
    tree: Path,
    *,
    is_wanted: Callable[[str], bool] = lambda _: True,
) -> tuple[str, ...]:
    """Lays out the submodules of the commit below `tree`; comes back with how to get the others.

    `is_wanted` tells by a submodule's path whether it is needed.
    """
    if checkout.ask("cat-file", "-e", f"{commit}:.gitmodules") is None:
        return ()
    missing: list[str] = []
    for entry in checkout.git("ls-tree", "-r", "-z", commit).split(b"\0"):
        if not entry.startswith(_LINK):
            continue
        head, _, name = entry.partition(b"\t")
        path, linked = os.fsdecode(name), head.split()[2].decode("ascii")
        if not is_wanted(path):
            continue
        if not (checkout.root / path / ".git").exists():
            missing.append(f"git submodule update --init {path}")
            continue
        inner = Checkout((checkout.root / path).resolve())
        if inner.commit_of(linked) is None:
            missing.append(f"git -C {path} fetch --depth=1 origin {linked}")
            continue
        _write(inner, linked, tree / path)
        missing += fill_submodules(inner, linked, tree / path)
    return tuple(missing)


def _write(checkout: Checkout, commit: str, tree: Path) -> None:
    tree.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="dialgate-index-") as holder:
        environment = {"GIT_INDEX_FILE": Path(holder) / "index"}
        checkout.git("read-tree", commit, environment=environment)
        prefix = f"--prefix={tree.as_posix()}/"
        checkout.git("checkout-index", "-a", "-f", "-q", prefix, environment=environment)
