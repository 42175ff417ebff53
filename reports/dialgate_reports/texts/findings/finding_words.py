"""What `fuzz` says of a search in each of its forms: sentences from the search's document.

Texts of agents and cases come as they are; each form makes them harmless in its own way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.files.plain_text import printable
from dialgate_evals.files.problems import join_words
from dialgate_gate.wording import count_of

if TYPE_CHECKING:
    from collections.abc import Mapping

FAMILIES = {
    "same_actions": "the same actions",
    "moves_as_it_should": "moves as it should",
    "never": "never",
}


def headline(document: Mapping[str, Any]) -> str:
    """What came out, in one sentence."""
    suite = printable(document["suite"])
    tried = sum(item["tried"] for item in document["relations"])
    found = len(document["findings"])
    what = count_of(found, "finding") if found else "nothing found"
    return f"{suite}: {what} in {count_of(tried, 'variant')} of its cases."


def basis(document: Mapping[str, Any]) -> str:
    """What the search rests on, and what it left out."""
    parts = [
        (
            f"{count_of(document['trials'], 'trial')} of at most {document['budget']:,}, seed "
            f"{document['seed']}. Each finding failed again in fresh trials while its case "
            "passed; that any of them is noise has a chance under "
            f"{100 * document['error']:g} %."
        )
    ]
    if document["noise"]:
        parts.append(f"{count_of(document['noise'], 'failure')} did not come back clearly enough.")
    fixed = [item["relation"] for item in document["relations"] if item["is_of_records"]]
    if fixed and document["is_simulated"]:
        parts.append(
            f"A simulator answers, whose records keep their names: {join_words(fixed)} were not "
            "tried."
        )
    else:
        fixed = []
    untried = [
        item["relation"]
        for item in document["relations"]
        if not item["tried"] and item["relation"] not in fixed
    ]
    if untried:
        parts.append(f"No case of the suite has what these are about: {join_words(untried)}.")
    if document["left_out"]:
        names = [printable(name) for name in document["left_out"][:3]]
        cases = count_of(len(document["left_out"]), "case")
        parts.append(f"Left out, for failing without any change too: {cases} ({', '.join(names)}).")
    if document["unasked"]:
        parts.append(
            f"For {count_of(document['unasked'], 'variant')} more the budget had no trial."
        )
    unjudged = document["unjudged"]
    if unjudged["cases"]:
        names = [printable(name) for name in unjudged["criteria"][:3]]
        more = len(unjudged["criteria"]) - len(names)
        shown = join_words([*names, f"{more} more"] if more else names)
        parts.append(
            f"What texts say was not judged: the criteria of {count_of(unjudged['cases'], 'case')} "
            f"({shown}) find nothing here."
        )
    parts += [
        f"The suite's own relation broke: {printable(text)}."
        for text in document["own_relations"]["failures"]
    ]
    return " ".join(parts)


def next_step(document: Mapping[str, Any]) -> str:
    """What to do with the cases that were written."""
    return (
        f"The cases lie in {document['found']}. To make those that are right the suite's: "
        f"dialgate accept {document['found']} (a page), or dialgate cases take SUITE "
        f"{document['found']}"
    )
