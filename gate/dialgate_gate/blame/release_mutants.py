"""Mutants of a release: a sentence of a prompt removed, two tools' descriptions swapped.

Told apart from mutants of behaviour (`dialgate_evals.mutating`), for which no agent is run. Leaves
running them to `dialgate.runs`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dialgate_evals.files.plain_text import shorten
from dialgate_gate.blame.pieces import sentences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate_evals.suite.release import Release

_SHORTEST = 8
"""Letters of a sentence that says something; headings and rules of a page are passed over."""


@dataclass(frozen=True, kw_only=True)
class ReleaseMutant:
    """The release with one thing wrong."""

    release: Release
    kind: str
    # "rule" or "descriptions"
    words: str
    path: str | None
    # of the prompt, relative to the suite's folder
    line: int | None


def release_mutants(release: Release) -> list[ReleaseMutant]:
    """Every sentence of every prompt removed, then descriptions of neighbouring tools swapped."""
    return [*_without_rules(release), *_swapped(release)]


def _without_rules(release: Release) -> Iterator[ReleaseMutant]:
    for path, text in release.prompts.items():
        parts = sentences(text)
        for place, part in enumerate(parts):
            if sum(letter.isalpha() for letter in part) < _SHORTEST or part.startswith("#"):
                continue
            left = "".join(parts[:place] + parts[place + 1 :])
            yield ReleaseMutant(
                release=replace(release, prompts={**release.prompts, path: left}),
                kind="rule",
                words=f'without "{shorten(" ".join(part.split()), 120)}"',
                path=path,
                line=1 + "".join(parts[:place]).count("\n"),
            )


def _swapped(release: Release) -> Iterator[ReleaseMutant]:
    tools = sorted(release.tools, key=lambda tool: tool.name)
    for one, other in zip(tools[::2], tools[1::2], strict=False):
        if one.description == other.description:
            continue
        changed = {
            tool.name: replace(
                tool, description=text, document={**tool.document, "description": text}
            )
            for tool, text in ((one, other.description), (other, one.description))
        }
        registry = replace(release.tools, tools={**release.tools.tools, **changed})
        yield ReleaseMutant(
            release=replace(release, tools=registry),
            kind="descriptions",
            words=f"the descriptions of {one.name} and {other.name} swapped",
            path=None,
            line=None,
        )
