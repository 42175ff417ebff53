"""Which files of the project an agent loaded while it ran, beside what its release declares.

Knows the record's form; leaves watching to the worker and what a difference means to `gate`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.json_text import digest_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedCode:
    """What one release's agent loaded of its project, over all of its processes."""

    files: Mapping[str, str] = field(default_factory=dict)
    # path relative to the suite's folder, to the digest of what was read
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    # a file that the release lists, to where another copy of it was loaded from
    children: bool = False
    # whether the agent started processes of its own: what they load is not known

    @property
    def digest(self) -> str:
        """Digest of the files with their content."""
        return digest_of(dict(self.files))

    def as_json(self) -> dict[str, Any]:
        """As run.json holds it."""
        return {
            "files": dict(sorted(self.files.items())),
            "elsewhere": dict(sorted(self.elsewhere.items())),
            "children": self.children,
        }


def parse_loaded(document: Mapping[str, Any] | None) -> LoadedCode | None:
    """What `as_json` wrote; None: not known."""
    if document is None:
        return None
    return LoadedCode(
        files=dict(document["files"]),
        elsewhere=dict(document["elsewhere"]),
        children=bool(document["children"]),
    )


def trials_key(run: str, files: Mapping[str, str], locks: Mapping[str, str]) -> str:
    """The key of trials over what the release declares, what it loads, and its lock files."""
    return digest_of({"run": run, "loaded": dict(files), "locks": dict(locks)})


def merge_loaded(parts: Iterable[LoadedCode | None]) -> LoadedCode | None:
    """All of them together; None where one of them, or all, is not known."""
    known = list(parts)
    if not known or None in known:
        return None
    files: dict[str, str] = {}
    elsewhere: dict[str, str] = {}
    children = False
    for part in known:
        assert part is not None
        files |= part.files
        elsewhere |= part.elsewhere
        children = children or part.children
    return LoadedCode(files=files, elsewhere=elsewhere, children=children)
