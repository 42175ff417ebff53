"""A judge's calibration for a person at a terminal, in 80 columns. Pure, from its document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tabulate import tabulate

from dialgate_evals.files.plain_text import printable, shorten
from dialgate_reports.texts.findings import calibration_words as words
from dialgate_reports.words.case_text import wrap

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_LONGEST_NAME = 24


def render_calibration(document: Mapping[str, Any], width: int = 80) -> str:
    """Who may decide where, on what that rests, and what is missing."""
    parts = [
        _wrapped([f"{document['suite']}: {words.headline(document)}"], width),
        _wrapped([words.judge_line(document)], width),
        _table(document),
        _wrapped([words.rule_words(document)], width) if document["places"] else "",
        _listed("To be licensed:", words.wanted_lines(document), width),
        _wrapped((*words.wavering_lines(document), *words.release_lines(document)), width),
        _wrapped([words.pair_line(document)], width),
        _wrapped([words.disagreement_line(document), words.next_line(document)], width),
        _wrapped(words.agreement_lines(document), width),
        _wrapped(words.left_out_lines(document), width),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(document: Mapping[str, Any]) -> str:
    rows = [
        [
            _name(item["criterion"]),
            _name(item["action_class"]),
            _share(item["sensitivity"]),
            _share(item["specificity"]),
            "yes" if item["licensed"] else "no",
        ]
        for item in document["places"]
    ]
    if not rows:
        return ""
    heads = ["criterion", "class", "right let pass", "wrong refused", "decides"]
    return tabulate(rows, heads, tablefmt="simple", disable_numparse=True)


def _name(text: str) -> str:
    return shorten(printable(text), _LONGEST_NAME)


def _share(share: Mapping[str, Any]) -> str:
    return words.share_words(share).replace(", at least", "\nat least")


def _wrapped(lines: Iterable[str], width: int) -> str:
    return "\n".join(wrap(printable(line), width) for line in lines if line)


def _listed(title: str, lines: Iterable[str], width: int) -> str:
    found = [wrap(printable(line), width, "- ", "  ") for line in lines]
    return "\n".join([title, *found]) if found else ""
