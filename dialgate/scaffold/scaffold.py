"""Copies the template of a workspace; refuses to touch a file that exists."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from dialgate_evals.errors import UsageError
from dialgate_evals.files.problems import join_words, show_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable
    from pathlib import Path

# A template can't hold the dot: tools would take it for their own.
_RENAMED = {"gitignore": ".gitignore"}


def scaffold(directory: Path) -> list[Path]:
    """Writes the template below the directory; gives the files written, in order.

    Raises UsageError, having written nothing, where one of them exists already; an existing
    .gitignore is left as it is.
    """
    files = [
        (directory / relative, source)
        for relative, source in _template_files(
            resources.files(__package__) / "templates/workspace"
        )
    ]
    existing = [show_path(path) for path, _ in files if path.exists() and path.name[0] != "."]
    if existing:
        raise UsageError(f"Nothing was written, because these exist: {join_words(existing)}.")
    written = []
    for path, source in files:
        if path.exists():
            continue
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(source.read_bytes())
        except OSError as error:
            raise UsageError(f"{show_path(path)} can't be written: {error.strerror}.") from None
        written.append(path)
    return written


def template_file(name: str) -> bytes:
    """A file of the template's suite, for suites that are made in another way."""
    folder = resources.files(__package__) / "templates/workspace/suites/my-agent"
    return (folder / name).read_bytes()


def _template_files(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.name == "__pycache__":
            continue
        name = prefix + _RENAMED.get(entry.name, entry.name)
        if entry.is_dir():
            yield from _template_files(entry, name + "/")
        else:
            yield name, entry
