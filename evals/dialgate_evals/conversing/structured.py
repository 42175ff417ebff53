"""A structured question in words: what an agent asks as data, as it would stand in its message.

Frameworks have forms of their own for it; only the texts in them are looked at. Leaves rules over
the data itself to `scripted`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.conversing.asking import asked_sentences, folded
from dialgate_evals.files.json_text import json_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate_evals.conversing.words import AgentMessage

_ASKS = ("question", "questions", "prompt", "message", "text", "title", "query", "ask")
_CHOICES = ("options", "choices", "enum")
_CONFIRMS = frozenset({"confirm", "confirmation", "approval", "boolean", "yes_no"})
_MOST = 50
"""Texts of one question."""
_DEEPEST = 12
_LONGEST = 4_000


def with_question(message: AgentMessage) -> str:
    """The agent's message with what its structured question asks, once."""
    return in_words(message.text, message.question)


def in_words(text: str, question: Any) -> str:  # noqa: ANN401 - JSON data
    """The text and, where it doesn't say so itself, what the question asks.

    >>> in_words("", {"question": "Which order?", "options": [{"label": "A-7"}, {"label": "A-8"}]})
    'Which order (A-7 / A-8)?'
    >>> in_words("Which order?", {"question": "Which order?"})
    'Which order?'
    >>> in_words("", {"field": "order_id"})
    '{"field":"order_id"}?'
    """
    if question is None:
        return text
    told = list(dict.fromkeys(_asked(question, 0)))[:_MOST]
    said = "\n".join(told) or json_text(question)
    said = said[:_LONGEST]
    if not asked_sentences(said):
        said = f"{said.rstrip('.: ')}?"
    if folded(said) in folded(text):
        return text
    return f"{text}\n{said}" if text.strip() else said


def _asked(value: Any, depth: int) -> Iterator[str]:  # noqa: ANN401 - JSON data
    """A line for each text that asks, with the choices beside it."""
    if isinstance(value, list):
        for item in value:
            yield from _item(item, depth)
    if not isinstance(value, dict) or depth > _DEEPEST:
        return
    choices = [word for key in _CHOICES for word in _shown_choices(value.get(key))]
    if not choices and _CONFIRMS.intersection(map(str, (value.get("type"), value.get("kind")))):
        choices = ["yes", "no"]
    beside = f" ({' / '.join(choices)})" if choices else ""
    for key in _ASKS:
        found = value.get(key)
        if isinstance(found, str) and found.strip():
            yield f"{found.strip().rstrip(' ?？؟')}{beside}?" if beside else found.strip()
            beside = ""
        elif isinstance(found, dict | list):
            yield from _asked(found, depth + 1)


def _item(item: Any, depth: int) -> Iterator[str]:  # noqa: ANN401 - JSON data
    if isinstance(item, str) and item.strip():
        yield item.strip()
    elif depth <= _DEEPEST:
        yield from _asked(item, depth + 1)


def _shown_choices(choices: Any) -> Iterator[str]:  # noqa: ANN401 - JSON data
    for choice in choices if isinstance(choices, list) else ():
        shown = choice.get("label", choice.get("value")) if isinstance(choice, dict) else choice
        if isinstance(shown, str | int | float) and not isinstance(shown, bool):
            yield str(shown)
