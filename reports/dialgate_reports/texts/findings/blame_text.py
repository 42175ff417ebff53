"""Which change broke it, for a person at a terminal, in 80 columns. Pure, from its document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.files.plain_text import printable
from dialgate_evals.files.problems import join_words
from dialgate_gate.wording import count_of, name_cases
from dialgate_reports.words.blame_lines import piece_words
from dialgate_reports.words.case_text import wrap

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_LEFT = 8
"""Changes that are listed where the budget was spent before one was found."""


def render_blame(document: Mapping[str, Any], width: int = 80) -> str:
    """What breaks it, what mends it, and what the answer rests on."""
    if not document["cases"]:
        return wrap(_nothing(document), width) + "\n"
    lines = [wrap(_headline(document), width)]
    listed = document["breaks"] if document["is_done"] else document["breaks"][:_MOST_LEFT]
    lines += [wrap(f"- {_piece(item)}", width, "", "  ") for item in listed]
    more = len(document["breaks"]) - len(listed)
    if more:
        lines.append(f"- and {more} more")
    if document["mends"] and document["mends"] != document["breaks"]:
        lines += ["", wrap("It is mended by taking back one of them alone:", width)]
        lines += [wrap(f"- {_piece(item)}", width, "", "  ") for item in document["mends"]]
    if document["is_done"] and not document["mends"]:
        lines += ["", wrap("Taking back what is named does not mend it: more breaks it.", width)]
    lines += ["", wrap(_basis(document), width)]
    return "\n".join(lines) + "\n"


def _nothing(document: Mapping[str, Any]) -> str:
    suite = printable(document["suite"])
    if document["broken"]:
        return (
            f"{suite}: {count_of(document['broken'], 'case')} broke, but none so clearly that a "
            "trial tells which release it is of. Nothing was run."
        )
    return f"{suite}: the last check found no case broken. Nothing was run."


def _headline(document: Mapping[str, Any]) -> str:
    classes = join_words([printable(name) for name in document["classes"]]) or "the suite"
    found = len(document["breaks"])
    if not document["is_done"]:
        return (
            f"The budget of {document['budget']:,} trials was spent. What breaks {classes} lies "
            f"among {count_of(found, 'change')} of {document['pieces']:,}:"
        )
    if found == 1:
        return f"One of {count_of(document['pieces'], 'change')} breaks {classes}:"
    return (
        f"{found} of {count_of(document['pieces'], 'change')} break {classes} together, and none "
        "of them without the others:"
    )


def _piece(item: Mapping[str, Any]) -> str:
    return printable(piece_words(item))


def _basis(document: Mapping[str, Any]) -> str:
    return (
        f"Asked by {name_cases([printable(c) for c in document['cases']])}: "
        f"{count_of(document['trials'], 'trial')} in "
        f"{count_of(document['questions'], 'question')}. "
        f"That any answer is wrong has a chance under {100 * document['error']:g} %."
    )
