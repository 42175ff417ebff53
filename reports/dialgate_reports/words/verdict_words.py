"""The verdict in a line, what to do about it, why, and what is missing for a decision.

The same words in the terminal, Markdown and HTML; decides nothing.
"""

from __future__ import annotations

from typing import Any

from dialgate_evals.files.plain_text import shorten

_SENTENCES = {
    "pass": "PASS: no action class got worse",
    "fail": "FAIL: this release is worse",
    "inconclusive": "INCONCLUSIVE: the evidence does not decide",
    "invalid": "INVALID: the evidence is incomplete or can't be trusted",
}
_MOST_CLASSES = 3
_MOST_NAME = 60
"""Characters of a name that someone chose, where it stands in a sentence."""


def headline(document: dict[str, Any]) -> str:
    """The verdict, its reason and what it is about, as one line."""
    return f"{verdict_sentence(document)} ({judged_releases(document)})"


def judged_releases(document: dict[str, Any]) -> str:
    """What is judged, and against what: `agent 2 against 1`."""
    release, baseline = document["release"], document["baseline"]
    who = f"{_name(release['name'])} {_name(release['version'])}"
    return (
        f"{who}, first release"
        if baseline is None
        else f"{who} against {_name(baseline['version'])}"
    )


def verdict_sentence(document: dict[str, Any]) -> str:
    """The verdict with its reason in a few words."""
    verdict: str = document["verdict"]
    is_first = document["baseline"] is None
    if document.get("unchanged"):
        return "PASS: nothing that decides has changed"
    if verdict == "pass" and is_first:
        return "PASS: the bounds of the modes in force are reached"
    if verdict == "invalid" and document["gaps"]:
        return f"{_SENTENCES['invalid']}: {_first(document['gaps'][0]['reason'])}"
    blamed = _classes(document, verdict)
    if verdict == "fail" and is_first:
        where = f" in {blamed}" if blamed else ""
        return f"FAIL: a bound of the mode in force is missed{where}"
    if verdict == "fail" and not blamed:
        return f"FAIL: {_first(document['reasons'][0])}" if document["reasons"] else "FAIL"
    where = f" in {blamed}" if blamed and verdict in {"fail", "inconclusive"} else ""
    return f"{_SENTENCES[verdict]}{where}"


def _classes(document: dict[str, Any], verdict: str) -> str:
    """The classes that have this verdict: `refund, escalate and 2 more`."""
    names = [_name(c["action_class"]) for c in document["classes"] if c["verdict"] == verdict]
    more = len(names) - _MOST_CLASSES
    return ", ".join(names[:_MOST_CLASSES]) + (f" and {more} more" if more > 0 else "")


def _first(reason: str) -> str:
    """The reason's first sentence without its full stop, so that a line can hold it."""
    return shorten(reason.partition(". ")[0].removesuffix("."), 160)


def _name(text: str) -> str:
    return shorten(text, _MOST_NAME)


def next_step(document: dict[str, Any]) -> str:
    """What a person should do now, as one sentence."""
    verdict = document["verdict"]
    if verdict == "pass":
        return "What to do: nothing holds this release back; the gate lets it through."
    if verdict == "invalid":
        return (
            "What to do: mend the evidence and check again; this run says nothing of the release."
        )
    if verdict == "inconclusive" and document["exit_code"] == 0:
        return "What to do: the policy lets an undecided release through; below is what is missing."
    if verdict == "inconclusive":
        return "What to do: hold the release and add the evidence that is missing, listed below."
    cases = document["cases"]["broken"]
    if cases:
        return f"What to do: hold the release and look at {_name(cases[0])} first."
    return "What to do: hold the release; the first reason below says where to look."


def split_reasons(document: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The reasons of the verdict, and what is missing for a decision; the order is kept.

    What is missing: every reason of a verdict that is inconclusive, and of any other the reasons
    of the classes that are undecided.
    """
    reasons: list[str] = document["reasons"]
    if document["verdict"] == "inconclusive":
        return [], reasons
    undecided = {
        f"{item['action_class']}: {text}"
        for item in document["classes"]
        if item["verdict"] == "inconclusive"
        for text in item["reasons"]
    }
    why = [text for text in reasons if text not in undecided]
    return why, [text for text in reasons if text in undecided]
