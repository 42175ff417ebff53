"""What a judge's calibration says, sentence by sentence: for the terminal and the page.

Pure functions of the document that `judge show --json` writes.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.problems import join_words
from dialgate_gate.wording import count_of, show_points, show_rate
from dialgate_reports.texts.accept_text import agreement_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Document = "Mapping[str, Any]"
_MOST = 5
_WHY_LEFT_OUT = (
    ("unasked", "the judge of now has no answer: `dialgate judge calibrate` asks it"),
    ("contradicted", "people contradict each other, and nobody settled it"),
    ("chosen_by_votes", "chosen because votes or people disagreed, so they measure no judge"),
    ("reworded", "the criterion asks something else now"),
    ("homeless", "the suite has no such case"),
)


def headline(document: Mapping[str, Any]) -> str:
    """Whether votes may decide, and on how many labels that rests."""
    places = document["places"]
    counted = document["labels"]["counted"]
    labels = f"by {count_of(counted, 'label')}"
    if not places:
        return "No case of the suite has a criterion, so there is nothing to license."
    licensed = sum(item["licensed"] for item in places)
    if licensed == len(places):
        return f"Votes decide everywhere the suite has a criterion, {labels}."
    if not licensed:
        return f"Votes are shown and decide nowhere, {labels}."
    return f"Votes decide in {licensed:,} of {len(places):,} places, {labels}."


def judge_line(document: Mapping[str, Any]) -> str:
    """Which version of which judges it is about."""
    version = document["judge"].removeprefix("sha256:")[:12]
    named = [f"{item['name']} ({item['model']})" for item in document["judges"]]
    who = join_words(named) if named else "rules alone"
    return f"Version {version} of the judge: {who}."


def share_words(share: Mapping[str, Any]) -> str:
    """How many it got right, and the bound that counts."""
    if not share["cases"]:
        return "no label"
    right = share["cases"] - share["mistakes"]
    seen = f"{right:,.4g} of {share['cases']:,}"
    return f"{seen}, at least {show_rate(share['low'])}"


def rule_words(document: Mapping[str, Any]) -> str:
    """What the policy asks."""
    policy = document["policy"]
    shift = policy["max_shift"]
    more = f" Between two releases each may differ by {show_rate(shift)}." if shift else ""
    return (
        f"A vote decides where both bounds are reached: {show_rate(policy['min_sensitivity'])} of "
        f"right texts let pass, {show_rate(policy['min_specificity'])} of wrong ones refused, each "
        f"with confidence {show_rate(policy['confidence'])} at any number of looks.{more}"
    )


def wanted_lines(document: Mapping[str, Any]) -> Iterator[str]:
    """What is missing, a sentence for each place that has no licence."""
    for item in document["places"]:
        if item["licensed"]:
            continue
        needs = [
            text
            for key, kind in (("sensitivity", "right"), ("specificity", "wrong"))
            if (text := _wanted(item[key], kind))
        ]
        yield f"{item['criterion']} in {item['action_class']}: {'; '.join(needs)}."


def _wanted(share: Mapping[str, Any], kind: str) -> str:
    if share["low"] >= share["least"]:
        return ""
    if share["wanted"] is None:
        right = share["cases"] - share["mistakes"]
        return (
            f"no number of labels would do: of the {kind} texts it judged {right:,.4g} of "
            f"{share['cases']:,} rightly, and {show_rate(share['least'])} are asked for"
        )
    more = " more" if share["cases"] else ""
    noun = "case" if share["wanted"] == 1 else "cases"
    return f"{share['wanted']:,}{more} {noun} with a label on a {kind} text"


def left_out_lines(document: Mapping[str, Any]) -> Iterator[str]:
    """Labels that don't count, and why."""
    for key, why in _WHY_LEFT_OUT:
        number = document["labels"][key]
        if number:
            yield f"{count_of(number, 'label')} not counted: {why}."


def agreement_lines(document: Mapping[str, Any]) -> Iterator[str]:
    """Pairs of people, then of judges."""
    for kind in ("people", "judges"):
        for item in document["agreement"][kind]:
            names = {"reviewers": item["names"], "differ_in_what": 0}
            counts = {"both_right": item["both_yes"], "both_not": item["both_no"]}
            yield agreement_line({**item, **names, **counts})


def wavering_lines(document: Mapping[str, Any]) -> Iterator[str]:
    """Whether the judge errs otherwise lately."""
    told = document["drift"]
    if told["changed"]:
        asked = count_of(told["asked_again"], "text")
        yield (
            f"The judge drifts: asked again about {asked}, it answered {told['changed']:,} "
            "otherwise, though nothing in judge.toml changed."
        )
    low, high = told["rise"]
    if low > 0 or high < 0:
        before, now = told["earlier"], told["later"]
        yield (
            f"The judge drifts: it erred on {now['mistakes']:,} of the {now['labels']:,} later "
            f"labels and on {before['mistakes']:,} of the {before['labels']:,} earlier ones, a "
            f"difference of {show_points(low)} to {show_points(high)}."
        )


def release_lines(document: Mapping[str, Any]) -> Iterator[str]:
    """Releases on whose texts the judge errs otherwise than on all others."""
    for item in document["releases"]:
        if item["shown"]:
            low, high = item["rise"]
            texts = f"{item['mistakes']:,} of its {item['texts']:,} labelled texts"
            shift = show_rate(document["policy"]["max_shift"])
            yield (
                f"The judge errs otherwise on release {item['version']}: on {texts}, "
                f"{show_points(low)} to {show_points(high)} beside the others. What votes decide "
                f"rests on a difference of {shift} at most (max_shift)."
            )


def pair_line(document: Mapping[str, Any]) -> str:
    """What labels on the replies of two releases say of them; empty where nothing is compared."""
    found = document.get("pair")
    if not found:
        return ""
    lead = f"Release {found['candidate']} beside {found['baseline']}, as they are on record: "
    if found["labels"] is None:
        return f"{lead}labels on their replies say nothing of the difference, {_why(found)}."
    low, high = found["interval"]
    before, now = found["labels"]["baseline"], found["labels"]["candidate"]
    return (
        f"{lead}{show_points(found['difference'])}, between {show_points(low)} and "
        f"{show_points(high)}, by {before:,} and {now:,} labels on replies that were drawn "
        f"({show_rate(found['drawn'])} of all), baseline and candidate."
    )


def _why(found: Mapping[str, Any]) -> str:
    return f"because {found['labels_unused']}"


def disagreement_line(document: Mapping[str, Any]) -> str:
    """How often judge and people differ, and where to settle it; empty where they don't."""
    found = document["disagreements"]
    if not found["total"]:
        return ""
    named = Counter(item["case"] for item in found["listed"])
    cases = [*named][:_MOST]
    more = "" if len(named) <= _MOST else " and others"
    texts = count_of(found["total"], "text")
    return (
        f"Judge and people differ on {texts} ({', '.join(cases)}{more}): settle them on the "
        "review page."
    )


def next_line(document: Mapping[str, Any]) -> str:
    """Which texts to label next; empty where none is on record, or nothing is missing."""
    found = document["next"]
    if not found["total"] or all(item["licensed"] for item in document["places"]):
        return ""
    cases = [*dict.fromkeys(item["case"] for item in found["listed"])][:_MOST]
    return (
        f"{count_of(found['total'], 'text')} on record without a label. Those that tell most come "
        f"first on the review page, drawn without a look at votes: {', '.join(cases)}."
    )
