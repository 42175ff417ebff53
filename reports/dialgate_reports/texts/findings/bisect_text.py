"""Which commit broke it, for a person at a terminal, in 80 columns. Pure, from its document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.files.plain_text import printable
from dialgate_gate.wording import count_of, name_cases
from dialgate_reports.words.case_text import wrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MOST_LISTED = 10


def render_bisect(document: Mapping[str, Any], width: int = 80) -> str:
    """The commit or commits, what could not be asked, and what the answer rests on."""
    lines = [wrap(_headline(document), width)]
    listed = document["guilty"][:_MOST_LISTED]
    lines += [wrap(f"- {_commit(item)}", width, "", "  ") for item in listed]
    more = len(document["guilty"]) - len(listed)
    if more:
        lines.append(f"- and {more:,} more")
    lines += [
        wrap(f"It came in by the merge {_commit(item)}.", width) for item in document["merged_by"]
    ]
    lines += [wrap(text, width) for text in _skipped(document)]
    return "\n".join([*lines, "", wrap(_basis(document), width)]) + "\n"


def _headline(document: Mapping[str, Any]) -> str:
    suite = printable(document["suite"])
    commits = count_of(document["commits"], "commit")
    if not document["guilty"]:
        return (
            f"{suite}: no case passes at {document['good'][:10]} and fails at "
            f"{document['bad'][:10]}, so none of {commits} breaks one."
        )
    if not document["is_done"]:
        return (
            f"{suite}: the budget of {document['budget']:,} trials was spent. It lies among "
            f"{len(document['guilty']):,} of {commits}:"
        )
    if len(document["guilty"]) > 1:
        return f"{suite}: one of these breaks it; those between could not be asked:"
    if document["is_merge"]:
        return f"{suite}: of {commits} a merge breaks it, and neither side of it alone:"
    return f"{suite}: of {commits} this one breaks it:"


def _commit(item: Mapping[str, Any]) -> str:
    return printable(f"{item['commit'][:10]} {item['title']}")


def _skipped(document: Mapping[str, Any]) -> Iterator[str]:
    for item in document["skipped"][:_MOST_LISTED]:
        yield printable(f"Skipped {item['commit'][:10]}: {item['why']}")


def _basis(document: Mapping[str, Any]) -> str:
    ran = f"{count_of(document['trials'], 'trial')} run, {document['reused']:,} taken from record"
    if not document["cases"]:
        return f"{ran}."
    names = name_cases([printable(name) for name in document["cases"]])
    return (
        f"Asked by {names}: {ran}, in {count_of(document['questions'], 'question')}. That any "
        f"answer is wrong has a chance under {100 * document['error']:g} %."
    )
