"""Which mutants of a release no case noticed, for a person. Pure, from its document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.files.plain_text import printable
from dialgate_gate.wording import count_of
from dialgate_reports.words.case_text import wrap

if TYPE_CHECKING:
    from collections.abc import Mapping


def render_live(document: Mapping[str, Any], width: int = 80) -> str:
    """The survivors with their places, and what the answer rests on."""
    lived = [item for item in document["mutants"] if item["killed_by"] is None]
    asked = count_of(document["asked"], "mutant")
    suite = document["suite"]
    head = (
        f"{suite}: of {asked} of the release, its cases noticed {document['killed']:,}."
        if document["asked"]
        else f"{suite}: no mutant of the release was asked."
    )
    lines = [wrap(printable(head), width)]
    if lived:
        lines += ["", "No case notices the release:"]
        lines += [wrap(printable(f"- {_words(item)}"), width, "", "  ") for item in lived]
    if document["asked"] and not document["killed"]:
        lines += ["", wrap(_UNREAD, width)]
    return "\n".join([*lines, "", wrap(_basis(document), width)]) + "\n"


_UNREAD = (
    "Not one was noticed. Either the cases ask for nothing that the prompt says, or the agent "
    "takes its prompt and tools from elsewhere than from what a trial hands it."
)


def _words(item: Mapping[str, Any]) -> str:
    place = "" if item["path"] is None else f" ({item['path']}, line {item['line']})"
    return f"{item['words']}{place}"


def _basis(document: Mapping[str, Any]) -> str:
    text = (
        f"{count_of(document['trials'], 'trial')} of at most {document['budget']:,}, on "
        f"{count_of(document['cases'], 'case')} that the release passes. A mutant is noticed "
        "where a case fails under it and passes under the release, confirmed by fresh trials; "
        f"that any is so by chance has a chance under {100 * document['error']:g} %."
    )
    left = document["made"] - document["asked"]
    return f"{text} {count_of(left, 'mutant')} more the budget did not pay for." if left else text
