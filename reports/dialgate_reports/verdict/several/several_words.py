"""What is said of several suites that one check judged; the same in every form.

Pure, from the document that `check --json` writes for several suites.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.problems import join_words
from dialgate_gate.wording import count_of
from dialgate_reports.words import verdict_words

if TYPE_CHECKING:
    from collections.abc import Mapping

CODES = {0: "pass", 1: "fail", 2: "not judged", 3: "inconclusive", 4: "invalid"}
"""What an exit code says where there is no verdict; 2: a usage or configuration error."""


def word(item: Mapping[str, Any]) -> str:
    """The suite's verdict; what its exit code says where it has none."""
    if item["verdict"] is not None:
        return str(item["verdict"])
    if not item["exit_code"]:
        return "taken away"
    return "fail" if item["exit_code"] == 1 else CODES.get(item["exit_code"], "not judged")


def headline(document: Mapping[str, Any]) -> str:
    """How many suites were judged, and to what end."""
    items = document["suites"]
    if not items:
        left = count_of(len(document["untouched"] or ()), "suite")
        return f"the change touches none of {left}: nothing was judged"
    counted: dict[str, int] = {}
    for item in items:
        counted[word(item)] = counted.get(word(item), 0) + 1
    found = join_words([f"{number} {name}" for name, number in counted.items()])
    return f"{count_of(len(items), 'suite')}: {found}"


def untouched_line(document: Mapping[str, Any]) -> str:
    """Which suites the change doesn't touch; empty where nobody asked."""
    names = document["untouched"]
    if not names:
        return ""
    more = f" and {len(names) - 20} more" if len(names) > 20 else ""
    return f"Not touched, so not judged: {', '.join(names[:20])}{more}."


def budget_line(document: Mapping[str, Any]) -> str:
    """The calls that the suites shared."""
    budget = document["budget"]
    used, most = budget["agent_calls"], budget["max_agent_calls"]
    return f"{count_of(used, 'agent call')} of {most:,} that all suites share."


def sentence(item: Mapping[str, Any]) -> str:
    """What there is to say of one suite in one line."""
    if item["document"] is None:
        return str(item["problem"])
    return verdict_words.headline(item["document"])


def name(item: Mapping[str, Any]) -> str:
    """The folder by which the suite was named."""
    return str(item["folder"])


def again(item: Mapping[str, Any]) -> str:
    """The command that renders the suite's whole page."""
    return f"dialgate report {shlex.quote(str(item['record']))} --html report.html"
