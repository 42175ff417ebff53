"""Whether a model that plays the user has left that role: a look without a model.

Only what no user says is a reason: the words of an agent or of a model about itself; both sides of
a dialogue; the agent's own message said back; letters of a script that the conversation hasn't used
so far. A language in the same script can't be told from words; such a conversation ends at its
limits.
"""

from __future__ import annotations

import re
import unicodedata

from dialgate_evals.conversing.asking import folded

_AS_AGENT = re.compile(
    r"\bhow (?:can|may) i (?:help|assist) you\b"
    r"|\bis there anything else (?:that )?i can (?:help|assist|do)\b"
    r"|\bhow can i be of (?:help|assistance)\b"
    r"|\b(?:glad|happy|here) to (?:help|assist) you\b"
    r"|\bthank you for (?:contacting|reaching out)\b"
)
_AS_MODEL = re.compile(
    r"\bas an? (?:ai|artificial intelligence|language model|assistant|chatbot)\b"
    r"|\bi(?:'m| am) (?:just )?an? (?:ai|language model|chatbot|virtual assistant)\b"
    r"|\bi(?:'m| am) (?:playing|simulating|role-?playing) (?:the|a) (?:user|customer)\b"
)
_BOTH_SIDES = re.compile(r"(?im)^\W*(?:agent|assistant|customer|user|bot|system)\W{0,3}:")
_SCRIPTS = {
    **{name: name.lower() for name in (
        "CYRILLIC", "GREEK", "ARABIC", "HEBREW", "DEVANAGARI", "BENGALI", "TAMIL", "TELUGU", "THAI",
        "HANGUL", "GEORGIAN", "ARMENIAN", "ETHIOPIC", "KHMER", "GUJARATI", "GURMUKHI", "KANNADA",
        "MALAYALAM", "SINHALA", "LAO", "MYANMAR",
    )},
    "CJK": "chinese or japanese", "HIRAGANA": "chinese or japanese",
    "KATAKANA": "chinese or japanese",
}  # fmt: skip
"""The first word of a letter's Unicode name, and its script's name for people."""

_LEAST_ECHO = 25
"""Characters of a message that nobody says back by chance."""
_MOST_LOOKED_AT = 8_000


def left_role(text: str, agent_said: str, known: str) -> str | None:
    """Why the text is none of the user's; None where nothing speaks against it.

    `known` is everything that the user was told and that was said.

    >>> left_role("How can I help you today?", "Which order?", "")
    'spoke as the agent'
    >>> left_role("My order is A-7.", "Which order?", "")
    """
    plain = folded(text[:_MOST_LOOKED_AT])
    if _AS_MODEL.search(plain):
        return "spoke of itself as a model"
    if _AS_AGENT.search(plain):
        return "spoke as the agent"
    if _BOTH_SIDES.search(text[:_MOST_LOOKED_AT]):
        return "wrote both sides of the dialogue"
    echo = _letters(agent_said)
    if len(echo) >= _LEAST_ECHO and echo in _letters(text):
        return "said the agent's own message back"
    strange = scripts_of(text) - scripts_of(known) - scripts_of(agent_said)
    if strange:
        return f"answered in a script that nobody used ({', '.join(sorted(strange))})"
    return None


def _letters(text: str) -> str:
    return " ".join(re.findall(r"\w+", folded(text[:_MOST_LOOKED_AT])))


def scripts_of(text: str) -> frozenset[str]:
    """The scripts of the letters that are told apart; Latin letters stand in every script's texts.

    >>> sorted(scripts_of("Да, yes 7"))
    ['cyrillic']
    """
    letters = (character for character in set(text[:_MOST_LOOKED_AT]) if character.isalpha())
    words = (unicodedata.name(letter, "").partition(" ")[0].partition("-")[0] for letter in letters)
    return frozenset(_SCRIPTS[word] for word in words if word in _SCRIPTS)
