"""Instructions to a simulated user, as other tools write them, made into facts.

"You are Emma Kim. Your user id is emma_kim_9957." holds two facts. What a sentence says that is no
fact stays a sentence, in the user's own voice; what the user is told *not* to know becomes none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dialgate_evals.conversing.users import FactsUser
from dialgate_evals.files.json_text import JsonTextError, parse_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LONGEST = 20_000
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_NAMED = re.compile(r"(?:you are|your (?:full )?name is) ((?:[A-Z][\w'-]*\.? ?){1,5})\.?$")
_OWN = re.compile(
    r"your ((?:[a-z][\w-]* ?){1,5}?) (?:is|are|number is|:) (?:the following: )?(.+?)\.?$",
    flags=re.IGNORECASE,
)
_LIVES = re.compile(r"you live (?:in|at) (.+?)\.?$", flags=re.IGNORECASE)
_CODE = r"(?:(?=[A-Z0-9-]*[0-9])[A-Z0-9][A-Z0-9-]{2,}|[A-Z]{6})\b"
_ID = re.compile(
    r"(?i:\b(reservation|booking|order|flight|account|ticket|invoice|case|payment|user|customer)s?)"
    rf"(?: (?:ids?|numbers?|codes?|no\.?|#))*:? ?[#(]?({_CODE}(?:(?:, and|,| and) {_CODE})*)"
)
_WANTS = re.compile(
    r"you (?:want|would like|wish|need|plan|are trying|decided) to (.+)$", flags=re.IGNORECASE
)
_PERSONS = (
    (r"\byou are\b", "I am"), (r"\byou're\b", "I'm"), (r"\byou were\b", "I was"),
    (r"\byourself\b", "myself"), (r"\byours\b", "mine"), (r"\byour\b", "my"),
    (r"\b(for|to|with|by|of|on|from) you\b", r"\1 me"),
    (r"\b(tells?|told|gives?|gave|asks?|asked|lets?|helps?|allows?|upgrade) you\b", r"\1 me"),
    (r"\byou\b", "I"),
)  # fmt: skip


def facts_of(instructions: str | Mapping[str, Any]) -> FactsUser:
    """What the instructions let a user want and know.

    They are text, or an object of texts as tau2-bench writes them (`known_info`,
    `reason_for_call`, `unknown_info`, `task_instructions`), also as JSON text.
    """
    parts = instructions if isinstance(instructions, dict) else _as_object(str(instructions))
    reason = _text(parts, "reason_for_call") or _text(parts, "text")
    known = _text(parts, "known_info") or (_text(parts, "text") if reason else "")
    knows: dict[str, Any] = {}
    for sentence in _sentences(known):
        knows.update(_facts_in(sentence))
    for sentence in _sentences(f"{known}\n{reason}"):
        for thing, values in _ID.findall(sentence):
            for value in re.findall(_CODE, values):
                _add(knows, thing.lower(), value)
    return FactsUser(wants=_wants(reason), knows=knows)


def _wants(reason: str) -> dict[str, Any]:
    sentences = list(_sentences(reason))
    wish = next((m for m in map(_WANTS.search, sentences) if m is not None), None)
    wants: dict[str, Any] = {}
    if wish is not None:
        wants["do"] = in_the_first_person(wish[1]).rstrip(".")
    others = [s for s in sentences if wish is None or s != wish.string]
    if others:
        wants["reason"] = in_the_first_person(" ".join(others))
    return wants


def in_the_first_person(text: str) -> str:
    """What is said to the user, as the user would say it.

    >>> in_the_first_person("You want to cancel your booking.")
    'I want to cancel my booking.'
    """
    for pattern, word in _PERSONS:
        text = re.sub(pattern, word, text, flags=re.IGNORECASE)
    return text


def _facts_in(sentence: str) -> Iterator[tuple[str, Any]]:
    named = _NAMED.match(sentence[:1].lower() + sentence[1:])
    if named is not None:
        yield "name", named[1].strip(" .")
        return
    lives = _LIVES.match(sentence)
    if lives is not None:
        yield "address", in_the_first_person(lives[1])
        return
    own = _OWN.match(sentence)
    if own is not None:
        yield own[1].strip().lower(), in_the_first_person(own[2]).strip("'\" ")


def _add(knows: dict[str, Any], thing: str, value: str) -> None:
    """A second value of the same thing makes a list."""
    before = knows.get(thing)
    if before is None:
        knows[thing] = value
    elif value not in (before if isinstance(before, list) else [before]):
        knows[thing] = [*(before if isinstance(before, list) else [before]), value]


def _as_object(text: str) -> Mapping[str, Any]:
    if text.lstrip().startswith("{"):
        try:
            found = parse_json(text.encode("utf-8", "surrogatepass"))
        except JsonTextError:
            return {"text": text}
        if isinstance(found, dict):
            return found
    return {"text": text}


def _text(parts: Mapping[str, Any], key: str) -> str:
    value = parts.get(key)
    return value[:_LONGEST] if isinstance(value, str) else ""


def _sentences(text: str) -> Iterator[str]:
    yield from (part.strip() for part in _SENTENCE.split(text) if part.strip())
