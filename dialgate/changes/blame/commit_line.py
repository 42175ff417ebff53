"""The commits between two: their line along first parents, and what a merge brought in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate.git.asking.git_process import GitError
from dialgate_evals.errors import UsageError
from dialgate_evals.files.plain_text import printable, shorten

if TYPE_CHECKING:
    from dialgate.git.git_checkout import Checkout


@dataclass(frozen=True, slots=True, kw_only=True)
class LineCommit:
    """A commit on the line of first parents between two others."""

    name: str
    # hexadecimal
    title: str
    parents: tuple[str, ...]

    @property
    def is_merge(self) -> bool:
        """Whether it brings other commits in."""
        return len(self.parents) > 1

    @property
    def words(self) -> str:
        """Its short name and title, for people."""
        return f"{self.name[:10]} {self.title}"


def commit_line(checkout: Checkout, good: str, bad: str) -> list[LineCommit]:
    """The commits after `good` up to `bad` along first parents, the oldest first.

    Raises UsageError where `good` is no ancestor of `bad`, or git refuses.
    """
    if checkout.ask("merge-base", "--is-ancestor", good, bad) is None:
        raise UsageError(
            f"{good[:10]} is no ancestor of {bad[:10]}: the commits between them are no line."
        )
    try:
        listed = checkout.walk(
            "log", "--first-parent", "--reverse", "--format=%H%x09%P%x09%s", f"{good}..{bad}"
        )
    except GitError as error:
        raise UsageError(f"git can't list the commits: {error}") from None
    found = []
    for line in listed.splitlines():
        name, parents, title = [*line.split("\t", 2), "", ""][:3]
        found.append(
            LineCommit(
                name=name, title=printable(shorten(title, 80)), parents=tuple(parents.split())
            )
        )
    return found


def brought_in(checkout: Checkout, merge: LineCommit) -> list[LineCommit]:
    """The commits that a merge of two brings in, the oldest first; empty where git says none."""
    base = checkout.ask("merge-base", merge.parents[0], merge.parents[1])
    if base is None or len(merge.parents) != 2 or base == merge.parents[1]:
        return []
    return commit_line(checkout, base, merge.parents[1])
