"""The graduation report's words, for readers who are no engineers: modes, conditions, moves.

The same in HTML and Markdown. Pure, from the document that `dial recommend --json` writes; leaves
layout to `graduation.graduation_page` and `graduation.graduation_markdown`.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.plain_text import printable
from dialgate_evals.files.problems import join_words
from dialgate_gate.audit.ledger import PLACEHOLDER
from dialgate_gate.conditions.condition import ConditionKind
from dialgate_gate.ladder.live_conditions import differ
from dialgate_gate.wording import count_of

if TYPE_CHECKING:
    from collections.abc import Mapping

MODES = ("shadow", "in_the_loop", "on_the_loop", "out_of_the_loop")
MODE_MEANINGS = {
    "shadow": "the agent only proposes; a person does the work",
    "in_the_loop": "the agent proposes; a person approves, edits or rejects each action before it "
    "happens",
    "on_the_loop": "the agent acts; a person watches and can stop or undo it",
    "out_of_the_loop": "the agent acts alone; samples are looked at later",
}
GLOSSARY = {
    "action class": "actions of one kind, such as small refunds; each has its own dial",
    "tests, eval run": "the agent's answers to kept cases whose right action is known",
    "silent failure": "a wrong action that looks like a good one, so that nobody is alarmed",
    "review event": "what a person decided on an action that the agent proposed in production",
    "intervention": "a reviewer edited, rejected, took over or overrode the action",
    "escalation": "the agent handed the matter to a person; it speaks neither for nor against it",
    "at least, at most": "what the evidence supports with the stated confidence; little evidence "
    "leaves such a bound far from the plain rate, more evidence brings it closer",
    "canary": "a bad action planted to see whether reviewers notice",
    "stale": "evidence on an earlier release whose model, prompt, tools or code differ",
}
CONDITIONS = {
    **{kind.value: kind.threshold.name for kind in ConditionKind if kind.threshold is not None},
    "eval_run": "The test run can be trusted",
    "review_queue": "Reviewers really look",
    "ladder": "Whether the next mode is open to it",
    "release": "It is the release that earned it",
    "alarm": "The watch is quiet",
}
REQUIREMENTS = {
    "owner": "All five owners are named",
    "kill_switch": "The kill switch was tested",
    "rollback": "There is a release to fall back to",
    "compensation": "The action can be taken back",
    "attestation": "A signed verdict",
}
SOURCES = {
    "run": "eval run",
    "cases": "the suite's cases",
    "events": "review events",
    "policy": "policy.toml",
    "actions": "actions.toml",
    "runbook": "runbook.toml",
    "owners": "owners.toml",
    "dial": "dial.toml",
    "ledger": "ledger",
}
METHODS = {
    "tests": "One-sided Clopper-Pearson bounds over cases; a case counts once, however often it "
    "was tried.",
    "production": "One-sided confidence sequences (a beta mixture of likelihood ratios) over "
    "reviewed tasks; a task counts once, and any intervention counts for all of it. They hold "
    "however often somebody looks, so a daily look promotes nobody by luck.",
    "falling back": "A sequential change detector over all possible beginnings of a change; a "
    "class that stays at its limit is ever demoted with at most the stated chance.",
}
WAVED_THROUGH = (
    "A queue that is waved through is no evidence: approvals without reading say nothing of the "
    "agent."
)
_MOST_COMMAND = 1_000
_FINAL = frozenset({"ladder", "blast_radius"})
_ORDER = {"demote": 0, "promote": 1, "hold": 2}


def mode(word: str) -> str:
    """A mode in words, such as `in the loop`."""
    return word.replace("_", " ")


def moment(written: str) -> str:
    """`2026-11-01 12:00 UTC`, of a moment as documents write it."""
    return f"{written[:16].replace('T', ' ')} UTC"


def headline(document: Mapping[str, Any]) -> str:
    """How many classes rise, fall and stay."""
    moves = [entry["move"] for entry in document["graduation"]]
    up, down, held = (moves.count(word) for word in ("promote", "demote", "hold"))
    parts = []
    if down:
        parts.append(f"{down} to be taken back")
    if up:
        parts.append(f"{up} ready for more autonomy")
    parts.append(f"{held} to stay")
    classes = "1 action class" if len(moves) == 1 else f"{len(moves):,} action classes"
    return f"{document['suite']}: {classes}, {join_words(parts)}"


def in_order(document: Mapping[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Recommendation and class, demotions first, then promotions, then what stays."""
    pairs = zip(document["graduation"], document["classes"], strict=True)
    return sorted(pairs, key=lambda pair: (_ORDER[pair[0]["move"]], not pair[0]["conditions"]))


def move_words(entry: Mapping[str, Any]) -> str:
    """`promote: on the loop`, `take back: shadow`, `stay: in the loop`."""
    verb = {"promote": "promote", "demote": "take back", "hold": "stay"}[entry["move"]]
    return f"{verb}: {mode(entry['recommended'])}"


def decision_words(entry: Mapping[str, Any]) -> str:
    """The move, or that the mode is to be confirmed."""
    if entry["move"] == "hold":
        return f"confirm: {mode(entry['mode'])}, on this release"
    return move_words(entry)


def confirm_line(entry: Mapping[str, Any]) -> str:
    """Whether the mode that a class earned on another release is shown on this one."""
    asked = entry.get("confirm")
    if asked is None:
        return ""
    at = mode(entry["mode"])
    if asked["met"]:
        return f"Everything that {at} asks for is shown on this release: the mode can be confirmed."
    return f"To confirm {at} on this release: {' '.join(asked['missing'])}"


def missing_words(entry: Mapping[str, Any]) -> str:
    """What the next mode lacks, in numbers and days, as one line; of a class that falls, why."""
    if entry["move"] == "demote":
        why: str = entry.get("why") or entry["reasons"][0]
        return why
    if entry["next"] is None:
        return "nothing: there is no further mode"
    unmet = [item for item in entry["conditions"] if not item["met"]]
    if any(item["name"] == "ladder" for item in unmet):
        return "no evidence opens the next mode to this class"
    radius = next((item for item in unmet if item["name"] == "blast_radius"), None)
    if radius is not None:
        return f"no evidence opens the next mode: its blast radius is {radius['shown']}"
    parts = [part for item in unmet for part in _needed(item, unmet)]
    unready = [item for item in entry["readiness"] if not item["met"]]
    if unready:
        parts.append(f"{count_of(len(unready), 'point')} of readiness")
    return "; ".join(dict.fromkeys(parts)) or "nothing"


def _needed(item: Mapping[str, Any], unmet: list[dict[str, Any]]) -> list[str]:
    needed = item["needed"]
    if needed.get("cases"):
        # Silent failures and success rest on the same cases: the larger number serves both.
        most = max(other["needed"].get("cases") or 0 for other in unmet)
        return [f"{count_of(most, 'more test case')} without a failure"]
    if needed.get("reviews"):
        return [needed_reviews(needed)]
    if item["unit"] == "days" and needed.get("days"):
        return [f"{count_of(needed['days'], 'day')} of rest"]
    if item["name"] == "intervention_rate":
        return ["fewer interventions"]
    return [f"“{CONDITIONS.get(item['name'], item['name'])}” is not met"]


def needed_reviews(needed: Mapping[str, Any]) -> str:
    """`91 more reviews with at most 0 interventions, about 22 days`."""
    text = f"{count_of(needed['reviews'], 'more review')} with at most "
    text += count_of(needed.get("interventions") or 0, "intervention")
    days = needed.get("days")
    return f"{text}, " + ("no volume yet" if days is None else f"about {count_of(days, 'day')}")


def state_words(item: Mapping[str, Any]) -> str:
    """Whether a condition or a point of readiness is met."""
    if item["met"]:
        return "✓ met"
    return "✗ ruled out" if item.get("name") in _FINAL else "✗ missing"


def needed_words(entry: Mapping[str, Any], item: Mapping[str, Any]) -> str:
    """What a condition still needs, where reviews would meet it; said once of a class."""
    needing = [other for other in entry["conditions"] if other["needed"].get("reviews")]
    return needed_reviews(item["needed"]) if needing and item is needing[-1] else ""


def stale_lines(entry: Mapping[str, Any]) -> list[str]:
    """A sentence for each release whose reviews don't count for this one."""
    found = []
    for item in entry["evidence"]["stale"]:
        if not item["reviews"]:
            continue
        why = (
            "no record or release file knows it"
            if item["changed"] is None
            else f"its {join_words(item['changed'])} {differ(item['changed'])}"
        )
        reviews = count_of(item["reviews"], "review")
        found.append(f"{reviews} under release {item['release']} are stale: {why}.")
    return found


def escalation_words(entry: Mapping[str, Any]) -> str:
    """How many actions the agent handed to a person, of those that count."""
    handed = entry["evidence"]["live_escalations"]
    total = handed + entry["evidence"]["live_reviews"]
    return f"Escalations: the agent handed {handed:,} of {count_of(total, 'action')} to a person."


def against_words(against: Mapping[str, Any]) -> str:
    """How many of how many cases and events are shown."""
    cases, events = against["cases"], against["events"]
    total = join_words(
        [
            *([count_of(cases, "failing test case")] if cases else []),
            *([count_of(events, "intervention")] if events else []),
        ]
    )
    shown = len(against["shown"])
    if shown == cases + events:
        return f"All there is: {total}."
    return f"The weightiest {shown} of {total}; the gravest and latest first."


def sign_command(document: Mapping[str, Any], entry: Mapping[str, Any]) -> str | None:
    """The command that makes the move, safely quoted for a shell.

    None where a path or name is too long or holds characters that a page can't show as they are.
    """
    sign = document["sign"]
    words = [
        "dialgate", "dial", "set", sign["suite"], entry["action_class"], entry["recommended"],
        "--by", sign["by"] or PLACEHOLDER, "--evidence", sign["evidence"],
    ]  # fmt: skip
    signed = sign["attestation"] if entry["move"] == "promote" else None
    words += ["--attestation", signed] if signed else []
    words += ["--key", "YOUR_KEY"] if sign.get("keys") else []
    command = shlex.join(words)
    is_plain = (
        printable(command) == command
        and len(command) <= _MOST_COMMAND
        and not any(
            word.startswith("-")
            for word in (sign["suite"], entry["action_class"], sign["evidence"])
        )
    )
    return command if is_plain else None
