"""CODEOWNERS: whom a code host asks about a file, as GitHub and GitLab read it.

The last line that matches counts. Leaves comparing it with the roles to `people_lint`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
"""Where a code host looks, in its order."""

_SECTION = re.compile(r"^\^?\[[^\]]*\](\[\d+\])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedLine:
    """One line: which files, whose."""

    number: int
    pattern: str
    owners: tuple[str, ...]
    # empty: nobody's, which takes the files out again

    def matches(self, path: str) -> bool:
        """Whether the line is about the path, which is relative to the repository."""
        return re.fullmatch(_expression(self.pattern), path) is not None


def parse_codeowners(text: str) -> tuple[OwnedLine, ...]:
    """The lines that name files; comments and section heads are none."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if words and not _SECTION.match(words[0]):
            found.append(OwnedLine(number=number, pattern=words[0], owners=tuple(words[1:])))
    return tuple(found)


def line_of(path: str, lines: tuple[OwnedLine, ...]) -> OwnedLine | None:
    """The line that counts for the path; None: none of them is about it."""
    return next((line for line in reversed(lines) if line.matches(path)), None)


def _expression(pattern: str) -> str:
    """The pattern as a regular expression over whole paths."""
    is_rooted = "/" in pattern.rstrip("/")
    body = pattern.lstrip("/")
    ends_in_folder = body.endswith("/")
    parts = []
    for part in body.rstrip("/").split("/"):
        if part == "**":
            parts.append("(?:[^/]+/)*")
        else:
            words = "".join(
                "[^/]*" if letter == "*" else "[^/]" if letter == "?" else re.escape(letter)
                for letter in re.sub(r"\*+", "*", part)
            )
            parts.append(f"{words}/")
    text = "".join(parts).removesuffix("/")
    above = "" if is_rooted else "(?:.*/)?"
    # A name is a file or all of a folder, but for `docs/*`, which is the files right below.
    below = "/.*" if ends_in_folder else "" if body.endswith("/*") else "(?:/.*)?"
    return f"{above}{text}{'.*' if body.endswith('**') else below}"
