"""What a tool seems to do, guessed from its name, its schema and MCP's annotations.

A guess is marked `proposed` and counts as the worst until a person takes the mark away, so here it
may be wrong, but it has to say why. Leaves what a mark means to `actions.action_classes`.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

_READS = frozenset(
    "get list search find read fetch lookup look query show view describe count calculate calc "
    "compute think validate verify retrieve browse summarize inspect check estimate preview "
    "select scan grep glob ls head tail stat whoami track compare recommend".split()
)
_REPLIES = frozenset({("final", "answer"), ("final", "result")})
"""Tools under which smolagents and pydantic-ai ask for the reply itself."""

_HUMANS = frozenset("human agent person operator supervisor support representative".split())
_ESCALATES = frozenset("escalate escalation handoff handover".split())
_FINAL = frozenset(
    "delete remove send pay refund charge email mail cancel purchase buy transfer drop publish "
    "post submit execute run deploy terminate close erase destroy wipe notify call sms order book "
    "return exchange withdraw wire approve sign merge push".split()
)
_FAR = frozenset(
    "delete pay refund charge transfer drop deploy terminate destroy wipe all bulk batch wire "
    "withdraw purchase buy execute shell bash sql payment grant revoke production".split()
)
_BACK = frozenset(
    "update set create add draft tag label assign edit modify rename move archive enable disable "
    "save write comment note schedule change".split()
)
_MONEY = frozenset("amount price iban account card currency recipients".split())


class Guess(Struct, frozen=True, kw_only=True):
    """What a tool seems to do, and from what that was read."""

    effect: str
    blast_radius: str
    reversible: bool
    why: str


def guess_tool(name: str, document: Mapping[str, Any], schema: Mapping[str, Any]) -> Guess:
    """The guess for one tool: annotations before names, the worst where words disagree."""
    hints = document.get("annotations")
    hints = hints if isinstance(hints, dict) else {}
    words = [word.lower() for word in _WORDS.findall(name)]
    effect, why = _effect(words, hints)
    if effect != "write":
        return Guess(effect=effect, blast_radius="low", reversible=True, why=why)
    properties = schema.get("properties")
    touches_money = isinstance(properties, dict) and bool(
        _MONEY & {word for key in properties for word in str(key).lower().split("_")}
    )
    is_final = hints.get("destructiveHint") is True or bool(_FINAL & set(words))
    comes_back = hints.get("destructiveHint") is False or (
        not is_final and bool(words) and words[0] in _BACK
    )
    is_far = bool(_FAR & set(words)) or touches_money or hints.get("destructiveHint") is True
    more = "; its arguments speak of money or accounts" if touches_money else ""
    return Guess(
        effect="write",
        blast_radius="high" if is_far else "medium",
        reversible=comes_back and not touches_money,
        why=why + more,
    )


def _effect(words: list[str], hints: Mapping[str, Any]) -> tuple[str, str]:
    if hints.get("readOnlyHint") is True:
        return "read", "its annotation readOnlyHint says that it only reads"
    if tuple(words) in _REPLIES:
        return "read", "under this name frameworks ask for the reply itself"
    pairs = {first + second for first, second in pairwise(words)}
    if _ESCALATES & ({*words} | pairs) or (
        ("transfer" in words or "hand" in words) and _HUMANS & set(words)
    ):
        return "escalate", "its name says that it hands over to a person"
    if hints.get("readOnlyHint") is False:
        return "write", "its annotation readOnlyHint says that it changes something"
    acts = sorted((_FINAL | _BACK) & set(words[1:]) - {"order", "book", "email", "mail", "return",
                  "note", "comment", "label", "tag", "call", "post", "account", "schedule",
                  "exchange", "draft", "purchase", "payment", "refund", "transfer", "change",
                  "charge"})  # fmt: skip
    if words and words[0] in _READS and not acts:
        return "read", f'its name begins with "{words[0]}"'
    known = next((word for word in words if word in _FINAL | _BACK), None)
    if known is not None:
        return "write", f'its name holds "{known}"'
    return "write", "nothing in its name says that it only reads"
