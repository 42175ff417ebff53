"""What an agent's message asks: the sentences that want an answer, and those that want a yes.

Leaves the words of asking to `asking_words` and who answers to `scripted` and `facts`. A closing
offer ("Anything else?") asks nothing that a case could answer.
"""

from __future__ import annotations

import re
import unicodedata

from dialgate_evals.conversing.asking_words import (
    CLOSING,
    CONDITION,
    NO,
    NO_MATTER,
    QUESTION_MARK,
    REQUEST,
    SIGN_OF_YES,
    WANTS_A_YES,
    YES,
)

_LONGEST = 20_000
"""Characters of a message that are looked at; what asks stands at the end of longer ones."""

_ENDS = re.compile(r"(?<=[.!?。！？؟;])\s+|(?<=[。！？؟])")
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe0e\ufe0f\ufeff]")
"""Marks of writing's direction and of width, which chats put into texts."""

_ITEM = re.compile(r"\s*(?:[-*•·–]|\(?[0-9]{1,3}[.)]|\(?[a-z][.)])\s")


def asked_sentences(text: str) -> tuple[str, ...]:
    """The sentences that want an answer, in their order; a list belongs to the sentence above it.

    >>> asked_sentences("Your order is late. Which address shall I use? Anything else?")
    ('Which address shall I use?',)
    >>> asked_sentences("Please tell me:\\n1. your order\\n2. the amount\\nThanks.")
    ('Please tell me:\\n1. your order\\n2. the amount',)
    >>> asked_sentences("The refund is made. Is there anything else I can help with?")
    ()
    """
    return tuple([sentence for sentence in _sentences(text) if _asks(sentence)])


def wants_a_yes(sentence: str) -> bool:
    """Whether a sentence that asks can be answered by yes or no.

    >>> wants_a_yes("Shall I refund order A-7?"), wants_a_yes("Which order is it?")
    (True, False)
    """
    return WANTS_A_YES.search(folded(sentence)) is not None


def agrees(text: str) -> bool:
    """Whether a user's answer is a yes: without a no, a condition, or a question in its place.

    >>> agrees("Yes, go ahead."), agrees("No, the other one."), agrees("Order A-7.")
    (True, False, False)
    >>> agrees("Yes, if it is free."), agrees("I can't confirm that."), agrees("Is that right?")
    (False, False, False)
    """
    words = NO_MATTER.sub("", folded(text))
    if NO.search(words) or CONDITION.search(words):
        return False
    told = " ".join(_told(part) for part in _ENDS.split(words) if part)
    return bool(YES.search(told) or SIGN_OF_YES.search(told))


def _told(sentence: str) -> str:
    """What a sentence tells: of one that asks, what stands before its first comma."""
    if QUESTION_MARK.search(sentence) is None:
        return sentence
    first, comma, _ = sentence.partition(",")
    return first if comma else ""


def folded(text: str) -> str:
    """The text as words are compared: one form of each letter, no case, single spaces.

    >>> folded("WHICH  Order’s?")
    "which order's?"
    """
    plain = _UNSEEN.sub("", unicodedata.normalize("NFKC", text).replace("’", "'"))
    return " ".join(plain.casefold().split())


def _sentences(text: str) -> list[str]:
    found: list[str] = []
    takes_items = False
    for line in text[-_LONGEST:].splitlines():
        if not line.strip():
            continue
        if takes_items and _ITEM.match(line):
            found[-1] += f"\n{line.strip()}"
            continue
        found += [part for part in _ENDS.split(line.strip()) if part]
        takes_items = line.rstrip(" *_").endswith(":")
    return found


def _asks(sentence: str) -> bool:
    words = folded(sentence)
    if CLOSING.search(words):
        return False
    return QUESTION_MARK.search(words) is not None or REQUEST.search(words) is not None
