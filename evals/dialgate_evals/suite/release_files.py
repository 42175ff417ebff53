"""Which file is a release: the one a person named, release.toml, or one of several in releases/."""

from __future__ import annotations

from pathlib import Path

from dialgate_evals.errors import UsageError
from dialgate_evals.files.problems import show_path


def find_release_file(argument: str, folder: Path) -> Path | None:
    """A release file that a person named: looked up from the current folder, then the suite's."""
    for base in (Path(), folder):
        path = base / argument
        if path.is_file() and path.suffix == ".toml":
            return path
    return None


def named_release_file(argument: str | None, folder: Path) -> Path | None:
    """The release file of `--release`; None where none is named. Raises UsageError."""
    if argument is None:
        return None
    path = find_release_file(argument, folder)
    if path is None:
        raise UsageError(
            f"--release {argument}: no such release file, neither from here nor from "
            f"{folder.as_posix()}.{_release_files(folder)}"
        )
    return path


def refuse_missing_release(folder: Path) -> None:
    """Raises UsageError where the suite has other release files and none is named."""
    others = _release_files(folder)
    if others and not (folder / "release.toml").is_file():
        raise UsageError(
            f"{show_path(folder)} has no release.toml: name one with --release FILE.{others}"
        )


def _release_files(folder: Path) -> str:
    """Which release files the suite has, as a sentence; empty where it has none."""
    files = sorted(folder.glob("releases/*.toml"))
    named = [path.relative_to(folder).as_posix() for path in files]
    if (folder / "release.toml").is_file():
        named.insert(0, "release.toml")
    if not named:
        return ""
    more = f" and {len(named) - _MOST_RELEASES} more" if len(named) > _MOST_RELEASES else ""
    return f" The suite has {', '.join(named[:_MOST_RELEASES])}{more}."


_MOST_RELEASES = 8
