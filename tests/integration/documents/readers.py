"""What somebody does who follows a page of the documentation: its commands, in a shell."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

from tests.integration.command_line import PATHS, PROJECT, is_installed
from tests.integration.installing.warm_commands import warm_dialgate

if TYPE_CHECKING:
    from pathlib import Path


def blocks(name: str, language: str) -> list[str]:
    """The page's blocks in that language."""
    text = (PROJECT / name).read_text("utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def reader_s_shell(folder: Path) -> dict[str, str]:
    """An environment in which `dialgate` and `pytest` are this project's."""
    commands = folder / "bin"
    commands.mkdir()
    plugin = "" if is_installed() else " -p dialgate.plugin"
    pytest = f'"{sys.executable}" -m pytest{plugin}'
    for name, words in (("dialgate", warm_dialgate()), ("pytest", pytest)):
        path = commands / name
        path.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
        path.chmod(0o755)
    identity = {"NAME": "reader", "EMAIL": "reader@example.com"}
    return {
        **os.environ,
        **{
            f"GIT_{who}_{key}": value
            for who in ("AUTHOR", "COMMITTER")
            for key, value in identity.items()
        },
        "PATH": f"{commands}:{os.environ['PATH']}",
        "PYTHONPATH": PATHS,
        "NO_COLOR": "1",
    }
