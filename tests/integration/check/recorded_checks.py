"""`dialgate check` of one recorded release against another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.integration.command_line import Finished, dialgate

if TYPE_CHECKING:
    from pathlib import Path

    from tests.workspaces import RecordedSuite


def check(suite: RecordedSuite, *more: str | Path, now: str = "2", before: str = "1") -> Finished:
    return dialgate(
        "check",
        suite.folder,
        "--release",
        f"releases/{now}.toml",
        "--baseline",
        f"releases/{before}.toml",
        "--json",
        "-",
        *more,
        folder=suite.folder.parent,
    )
