"""Where a command's words go: people's to the terminal, tools' to files or standard output.

With `--json -` everything for people goes to standard error. Knows colors and NO_COLOR; leaves
the words to `reports`.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from dialgate_evals.errors import UsageError
from dialgate_evals.files.file_writing import write_atomically
from dialgate_reports.verdict.json_document import indented_json


def wants_color(*, to_stderr: bool = False) -> bool:
    """Whether people's output goes to a terminal that may show colors."""
    stream = sys.stderr if to_stderr else sys.stdout
    return stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def say(text: str, *, to_stderr: bool = False) -> None:
    """Prints for people; characters that the terminal can't show become escapes."""
    stream = sys.stderr if to_stderr else sys.stdout
    encoding = stream.encoding or "utf-8"
    safe = text.encode(encoding, "backslashreplace").decode(encoding)
    click.echo(safe, nl=not text.endswith("\n"), err=to_stderr)


def write_text(target: str, text: str) -> None:
    """Writes a report to a file, or to standard output for `-`. Raises UsageError."""
    if target == "-":
        click.echo(text, nl=not text.endswith("\n"))
        return
    raw, path = text.encode("utf-8", "backslashreplace"), Path(target)
    try:
        if path.exists() and not path.is_file():
            # A device or pipe is written to; a new file in its place would end it.
            with suppress(BrokenPipeError):  # its reader has seen enough
                path.write_bytes(raw)
        else:
            write_atomically(path, raw)
    except OSError as error:
        raise UsageError(f"{target} can't be written: {error.strerror}.") from None


def open_in_browser(page: Path, *, to_stderr: bool = False) -> None:
    """Opens a page from disk in the person's browser, and says so where there is none."""
    import webbrowser  # noqa: PLC0415 - looks for browsers when loaded

    if not webbrowser.open(page.resolve().as_uri()):
        say(f"No browser could be opened; the page is {page}.", to_stderr=to_stderr)


def to_json(document: Any) -> str:  # noqa: ANN401 - any JSON document
    """The document as indented ASCII JSON: the same data, the same bytes."""
    return indented_json(document)
