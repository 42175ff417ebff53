"""The verdict in a line, what to do about it, why, and what is missing for a decision.

The same words in the terminal, Markdown and HTML; decides nothing.
"""

from __future__ import annotations

from typing import Any

from dialgate_evals.files.plain_text import shorten
from dialgate_gate.wording import count_of
from dialgate_reports.words.cases_to_look_at import first_case

_SENTENCES = {
    "pass": "PASS: a loss over the margin is excluded",
    "fail": "FAIL: this release is worse",
    "inconclusive": "INCONCLUSIVE: the evidence does not decide",
    "invalid": "INVALID: the evidence is incomplete or can't be trusted",
}
_SITUATIONS = {
    "no_regression_found": "INCONCLUSIVE: no regression found, not enough to exclude one",
    "looks_worse": "INCONCLUSIVE: looks worse, not shown",
    "better_with_open_cases": "INCONCLUSIVE: better, with open cases",
}
"""What an undecided release is like, by the document's `headline`."""
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
    """The verdict with its weightiest reason in a few words."""
    match document["verdict"]:
        case "pass":
            return _passed(document)
        case "fail":
            return _failed(document)
        case "invalid" if document["gaps"]:
            return f"{_SENTENCES['invalid']}: {_gap(document['gaps'][0])}"
        case "inconclusive":
            said = _SITUATIONS.get(str(document.get("headline")), _SENTENCES["inconclusive"])
            return _in_classes(said, _undecided(document))
    return _SENTENCES["invalid"]


def _passed(document: dict[str, Any]) -> str:
    if document.get("unchanged"):
        added = len(document["cases"]["added"])
        if added:
            return f"PASS: the release is the same; {count_of(added, 'added case')} ran"
        return "PASS: nothing that decides has changed"
    if document["baseline"] is None:
        return "PASS: the bounds of the modes in force are reached"
    if not document["classes"]:
        return "PASS: nothing was to be done, and nothing was done"
    return f"{_SENTENCES['pass']} in every action class"


def _failed(document: dict[str, Any]) -> str:
    """What weakens the judge is said first, and what is worse in the same line."""
    blamed = [item for item in document["classes"] if item["verdict"] == "fail"]
    if document["baseline"] is None:
        return _in_classes("FAIL: a bound of the mode in force is missed", blamed)
    weakened = _weakened(document)
    if weakened and blamed:
        return _in_classes(f"FAIL: {weakened}; this release is worse", blamed)
    if blamed:
        return _in_classes(_SENTENCES["fail"], blamed)
    if weakened:
        return f"FAIL: {weakened}"
    return f"FAIL: {_in_line(document['reasons'][0])}" if document["reasons"] else "FAIL"


def _weakened(document: dict[str, Any]) -> str:
    """How the change weakens its own judge, in a few words; empty where it doesn't."""
    weakened = document.get("weakened") or ()
    if not weakened:
        return ""
    removed = document["cases"]["removed"] if "suite-change" not in document["allowed"] else []
    others = len(weakened) - bool(removed)
    if not removed:
        more = f", and {count_of(others - 1, 'more change')} of its judge" if others > 1 else ""
        return f"{_first_weakened(document)}{more}"
    text = f"the change removes {count_of(len(removed), 'case')}"
    return f"{text} and weakens its judge in {count_of(others, 'more place')}" if others else text


def _undecided(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The classes that the situation is about; those that look worse where that is what it is."""
    undecided = [item for item in document["classes"] if item["verdict"] == "inconclusive"]
    if document.get("headline") == "better_with_open_cases":
        return [item for item in undecided if item["open_suspects"] or item.get("open")]
    if document.get("headline") != "looks_worse":
        return undecided
    worse = [item for item in undecided if item["interval"] and item["interval"][1] < 0]
    return worse or [item for item in undecided if (item["difference"] or 0) < 0]


def _in_classes(said: str, classes: list[dict[str, Any]]) -> str:
    """The sentence with the classes it is about: `… in refund, escalate and 2 more`."""
    if not classes:
        return said
    names = [_name(item["action_class"]) for item in classes]
    more = len(names) - _MOST_CLASSES
    shown = ", ".join(names[:_MOST_CLASSES]) + (f" and {more} more" if more > 0 else "")
    return f"{said} in {shown}"


def _gap(item: dict[str, Any]) -> str:
    """What was found; what to do about it is said below."""
    return _in_line(item.get("found") or item["reason"])


def _first_weakened(document: dict[str, Any]) -> str:
    """The first change of the judge that no label allows; what makes it good is said below."""
    for change in document.get("judge_changes") or ():
        if not change["allowed"]:
            return _in_line(f"The change {change['detail']} ({change['path']})")
    return _in_line(document["weakened"][0])


def _in_line(sentence: str) -> str:
    """A sentence without its full stop, so that a line can hold it."""
    return shorten(sentence.removesuffix("."), 160)


def _name(text: str) -> str:
    return shorten(text, _MOST_NAME)


def next_step(document: dict[str, Any]) -> str:
    """What a person should do now, as one sentence."""
    match document["verdict"]:
        case "pass":
            return "What to do: nothing holds this release back; the gate lets it through."
        case "invalid":
            return (
                "What to do: mend the evidence and check again; this run says nothing of the "
                "release."
            )
        case "inconclusive":
            return _to_decide(document)
    return _to_mend(document)


def _to_decide(document: dict[str, Any]) -> str:
    cheapest = _cheapest(document)
    if (document.get("baseline_drift") or {}).get("is_seen"):
        return (
            "What to do: try again when the baseline passes as it used to; something both sides "
            "depend on is worse now."
        )
    if document["exit_code"] == 0:
        lets = "the policy lets an undecided release through"
        return f"What to do: nothing has to be done, {lets}; {cheapest or _LISTED}."
    if document.get("headline") == "better_with_open_cases":
        return _to_read(document, cheapest)
    return f"What to do: hold the release; {cheapest or _ADD}."


def _to_read(document: dict[str, Any], cheapest: str) -> str:
    """Better on average is shown, and some cases are open: they are what a person looks at."""
    still_open = {
        case_id
        for item in document["classes"]
        if item["verdict"] == "inconclusive"
        for case_id in item["open_suspects"]
    }
    first = first_case(document)
    named = f", {_name(first)} first" if first else ""
    count = count_of(len(still_open), "open case")
    return (
        f"What to do: read the {count}{named}; better on average is shown, that none of them broke "
        f"is not. More trials of them on both releases decide it: {cheapest or _LISTED}."
    )


_LISTED = "what is missing stands below"
_ADD = "add the evidence that is missing, listed below"


def _cheapest(document: dict[str, Any]) -> str:
    """The cheapest next step as a command, with its price and its chance to decide."""
    step = document.get("next_step")
    if not step or not step.get("command"):
        return ""
    if step.get("chance") is None and not step.get("agent_calls"):
        return f"{shorten(step['command'], 300)} says how many cases and trials decide"
    terms = []
    if step.get("agent_calls") is not None:
        terms.append(count_of(int(step["agent_calls"]), "more agent call"))
    if step.get("chance") is not None:
        terms.append(f"{100 * step['chance']:.0f} % to decide")
    priced = f" ({', '.join(terms)})" if terms else ""
    return f"the cheapest next step is {shorten(step['command'], 300)}{priced}"


def _to_mend(document: dict[str, Any]) -> str:
    parts = ["What to do: hold the release"]
    if document.get("weakened"):
        parts.append("put back what the change takes from its judge, or have a reviewer allow it")
    case = first_case(document)
    blamed = any(item["verdict"] == "fail" for item in document["classes"])
    if case is not None:
        parts.append(f"look at {_name(case)} first")
    elif blamed or not document.get("weakened"):
        parts.append("the first reason below says where to look")
    return "; ".join(parts) + "."


def split_reasons(document: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The reasons of the verdict, and what is missing for a decision; the order is kept."""
    missing = set(document.get("missing") or ())
    placed = list(enumerate(document["reasons"]))
    why = [text for place, text in placed if place not in missing]
    return why, [text for place, text in placed if place in missing]
