"""What the mode that a class is in rests on, in words: the same at a terminal, in Markdown, HTML.

Pure, from a class of the document that `dial recommend --json` writes; one of earlier days says
nothing of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_gate.wording import count_of
from dialgate_reports.graduation.graduation_words import CONDITIONS, REQUIREMENTS, mode

if TYPE_CHECKING:
    from collections.abc import Mapping

_FATES = {
    "in_the_loop": "in the loop until it is back",
    "down_one": "one mode less until it is back",
    "warn": "the mode stays all the same",
}
_NOT_SAID: Mapping[str, Any] = {"requirements": ()}


def requirements(item: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Everything that the class's mode asks for now, met or not."""
    return list((item.get("in_force") or _NOT_SAID)["requirements"])


def lost(item: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What of it is lost and does something, if only a warning."""
    return [each for each in requirements(item) if each["lapse"] is not None]


def lost_sentence(requirement: Mapping[str, Any]) -> str:
    """Which requirement no longer holds, and in brackets what that does to the mode."""
    return f"{requirement['detail']} ({_FATES[requirement['lapse']]})"


def lost_head(item: Mapping[str, Any]) -> str:
    """`the mode in force lacks what it rests on (on the loop → in the loop)`."""
    now, left = item["in_force"]["mode"], item["in_force"]["effective"]
    fate = f"{mode(now)} → {mode(left)}" if now != left else f"{mode(now)}, with a warning"
    return f"the mode in force lacks what it rests on ({fate})"


def rests_on(item: Mapping[str, Any]) -> str:
    """How much of what the mode asks for is there; empty: it asks for nothing, or isn't said."""
    asked = requirements(item)
    if not asked:
        return ""
    met = sum(each["met"] for each in asked)
    what = count_of(len(asked), "thing")
    verb = "is" if met == 1 else "are"
    return f"Of {what} that {mode(item['in_force']['mode'])} rests on, {met} {verb} there."


def name(requirement: Mapping[str, Any]) -> str:
    """The requirement as a table's row begins, in a reader's words."""
    kind = requirement["requirement"]
    if kind == "ladder":
        return "The policy allows the mode"
    return REQUIREMENTS.get(kind) or CONDITIONS.get(kind) or kind.replace("_", " ")
