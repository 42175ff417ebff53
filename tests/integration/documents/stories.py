"""Tutorials that tell a story: the commands run once, as they stand, section by section."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.integration.command_line import PROJECT
from tests.integration.documents.readers import reader_s_shell

if TYPE_CHECKING:
    from pathlib import Path

MARK = "=== step: "


def sections(page: str) -> dict[str, list[tuple[str, str]]]:
    """By heading the blocks of the section: their language and their text."""
    text = (PROJECT / page).read_text("utf-8")
    parts = re.split(r"^## (.+)$", "## Before\n" + text, flags=re.MULTILINE)[1:]
    return {
        heading: re.findall(r"^```(\w*)\n(.*?)^```", body, flags=re.MULTILINE | re.DOTALL)
        for heading, body in zip(parts[::2], parts[1::2], strict=True)
    }


def steps(page: str) -> list[str]:
    """The sections that show what is printed."""
    told = sections(page).items()
    return [name for name, found in told if any(not language for language, _ in found)]


@dataclass(frozen=True, kw_only=True)
class Story:
    """What was printed in each section of the page."""

    page: str
    folder: Path
    # a checkout's copy, and beside it whatever the reader made
    printed: str

    def shows(self, step: str) -> None:
        """Asserts that each line of the page is printed, in order, but for dates and line ends."""
        parts = re.split(rf"^{MARK}(.+)$", self.printed, flags=re.MULTILINE)[1:]
        printed = dict(zip(parts[::2], parts[1::2], strict=True))[step]
        rest = " ".join(printed.split())
        shown = "".join(text for language, text in sections(self.page)[step] if not language)
        for line in shown.splitlines():
            _, found, rest = rest.partition(" ".join(line.split()))
            assert found, f"{line!r} is not printed there:\n{printed}"


def tell(page: str, folder: Path) -> Story:
    """Runs the page's commands in a copy of the checkout's examples."""
    checkout = folder / "checkout"
    for name in ("suites", "golden", "examples"):
        unwanted = shutil.ignore_patterns("__pycache__", ".dialgate")
        shutil.copytree(PROJECT / name, checkout / name, ignore=unwanted)
    script = [
        f"echo; echo '{MARK}{heading}'\n" + "".join(text for lang, text in found if lang == "sh")
        for heading, found in sections(page).items()
    ]
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=checkout,
        env=reader_s_shell(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=900,
    )
    return Story(page=page, folder=folder, printed=done.stdout)
