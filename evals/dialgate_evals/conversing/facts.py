"""A user who knows some facts and wants something: answers made of nothing but those.

No model and no chance: the same message gets the same answer. What isn't among the facts is "I
don't know."; a question to be agreed to gets yes only where it concerns what is wanted and holds
no value that contradicts a fact.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dialgate_evals.conversing.asking import asked_sentences, folded, wants_a_yes
from dialgate_evals.conversing.asking_words import ASKS_FOR_A_VALUE, TURNED_ROUND
from dialgate_evals.conversing.structured import with_question
from dialgate_evals.conversing.words import END, UserWord
from dialgate_evals.files.json_text import json_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dialgate_evals.conversing.users import FactsUser
from dialgate_evals.conversing.words import AgentMessage

DO = "do"
"""The key of `wants` that says, as a person would, what to do: "refund my order"."""

UNKNOWN = "I don't know."

_WORD = re.compile(r"[^\W_]+")
_VALUE = re.compile(r"[^\W_](?:[\w.,:/@#+-]*[^\W_])?")
_NUMBER = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|-?[0-9]+(?:\.[0-9]+)?")
_COMMA_NUMBER = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+|-?[0-9]+,[0-9]{1,2}")
_NO_CHOICE = re.compile(r"\b(?:or (?:not|no)|(?:any|some)thing|else|other)\b")
_SPLIT_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SAME = {
    "number": "id", "code": "id", "reference": "id", "ref": "id",
    "identifier": "id", "ids": "id", "numbers": "id", "e-mail": "email", "mail": "email",
    "telephone": "phone", "mobile": "phone", "cell": "phone", "birthday": "birth", "dob": "birth",
    "zip": "postal", "postcode": "postal", "booking": "reservation", "purchase": "order",
    "total": "amount", "sum": "amount", "price": "amount", "surname": "lastname",
}  # fmt: skip
_FILLING = frozenset({"id", "of", "the", "my", "your", "a", "an", "is", "for", "to", "date"})
_SAME_WISHES = (
    ("refund", "reimburse", "money back", "deposit back", "my money", "return the money"),
    ("cancel", "call off", "annul"),
    ("change", "move", "reschedule", "modify", "rebook", "shift", "postpone", "switch"),
    ("exchange", "replace", "swap"),
)
"""Words for the same wish: where one is wanted, a question about another concerns it."""
_WISHES = frozenset({"help", "problem", "issue", "request", "reason", "need", "looking", "concern"})
_MOST_LEAVES = 200
_LONGEST = 8_000
"""Characters at the end of a message; an agent may write without end."""
_DEEPEST = 20
_STEM = 5


class _Fact:
    """One thing that the user holds."""

    __slots__ = ("of_wants", "parents", "sentence", "shape", "telling", "values", "words")

    def __init__(self, path: Sequence[str], value: object, *, of_wants: bool) -> None:
        parts = [_split(part) for part in path]
        named = " ".join(parts)
        self.words = _key_words(parts[-1])
        self.parents = [_key_words(part) for part in parts[:-1]]
        self.values = frozenset(_values(_shown(value)))
        self.telling = frozenset(filter(_has_digit, self.values)) or self.values
        # by what the fact is met: of "EUR 25" the number
        self.shape = {_shape(item) for item in self.values}
        self.sentence = f"The {named} is {_shown(value)}."
        self.of_wants = of_wants


class FactsAnswers:
    """One trial's answers of a user with facts."""

    def __init__(self, user: FactsUser) -> None:
        wants = {key: value for key, value in user.wants.items() if key != DO}
        self._facts = [
            *(_Fact(path, value, of_wants=True) for path, value in _leaves(wants)),
            *(_Fact(path, value, of_wants=False) for path, value in _leaves(user.knows)),
        ][:_MOST_LEAVES]
        self._wish = _wish(user.wants)
        wanted = " ".join([str(user.wants.get(DO, "")), *(_shown(v) for _, v in _leaves(wants))])
        self._wanted_stems = {word[:_STEM] for word in _words(wanted) if len(word) >= 4}
        self._wanted_stems |= set(_same_wishes(str(user.wants.get(DO, ""))))
        self._wanted_values = {
            value for fact in self._facts if fact.of_wants for value in fact.values
        } | set(_values(wanted))

    def answer(self, message: AgentMessage) -> UserWord:
        """What the user says to the message; nothing that they don't hold."""
        text = with_question(message)[-_LONGEST:]
        asked = asked_sentences(text)
        if not asked:
            return END
        said: dict[str, None] = {}
        is_wish_asked = False
        for sentence in asked:
            told = [fact.sentence for fact in self._asked_for(sentence)]
            is_yes = wants_a_yes(sentence)
            chosen = self._chosen(sentence)
            is_wish_asked = is_wish_asked or bool(_WISHES.intersection(_words(sentence)))
            if chosen:
                said.update(dict.fromkeys(chosen))
            elif is_yes and not _asks_for_a_value(sentence):
                said.update(dict.fromkeys(self._agree(sentence, text)))
            else:
                said.update(dict.fromkeys(told))
        if not said and is_wish_asked and self._wish:
            said[self._wish] = None
        return UserWord(text=" ".join(said) or UNKNOWN)

    def _asked_for(self, sentence: str) -> Iterator[_Fact]:
        """The facts whose words all occur in what is asked; "your address" means all its parts."""
        words = set(_words(sentence))
        asked = [fact for fact in self._facts if fact.words and fact.words <= words]
        exact = [fact for fact in asked if any(parent <= words for parent in fact.parents)]
        told = exact or asked
        if not told:
            told = [f for f in self._facts if any(parent <= words for parent in f.parents)]
        yield from told

    def _chosen(self, sentence: str) -> list[str]:
        """What the user says where one of several is to be chosen; nothing where none is."""
        words = folded(sentence)
        if " or " not in words or _NO_CHOICE.search(words):
            return []
        values = {value for value in _values(sentence) if _has_digit(value)}
        if len(values) > 1:
            return [fact.sentence for fact in self._facts if fact.values & values]
        named = [
            group for group in _SAME_WISHES if any(f" {word}" in f" {words}" for word in group)
        ]
        return [self._wish] if len(named) > 1 and self._wish else []

    def _agree(self, sentence: str, whole: str) -> Iterator[str]:
        """Yes, or no with the facts that speak against it."""
        wrong = [fact.sentence for fact in self._contradicted(whole)]
        if wrong:
            yield "No."
            yield from wrong
            return
        if TURNED_ROUND.search(folded(sentence)):
            yield self._wish or UNKNOWN
            return
        yield "Yes." if self._concerns_what_is_wanted(sentence, whole) else "No, I don't want that."

    def _contradicted(self, text: str) -> Iterator[_Fact]:
        """Facts about which a sentence names another value of the same shape, and not theirs."""
        for line in re.split(r"(?<=[.!?])\s+|\n+", text):
            values = set(_values(line))
            if not any(map(_has_digit, values)):
                continue
            words = set(_words(line))
            for fact in self._facts:
                if not fact.words or not fact.words <= words or fact.telling & values:
                    continue
                if any(_shape(value) in fact.shape and _has_digit(value) for value in values):
                    yield fact

    def _concerns_what_is_wanted(self, sentence: str, whole: str) -> bool:
        stems = {word[:_STEM] for word in _words(sentence)}
        if stems & self._wanted_stems or set(_values(sentence)) & self._wanted_values:
            return True
        if not _names_something(sentence):
            # "Shall I proceed?": what, the message says, or what was said before.
            if not _names_something(whole):
                return True
            all_stems = {word[:_STEM] for word in _words(whole)}
            return bool(all_stems & self._wanted_stems or set(_values(whole)) & self._wanted_values)
        return False


_GENERIC = frozenset(
    "do you want me to would like shall i we should may can proceed continue go ahead is this that"
    " it all correct right ok okay fine accurate are sure confirm please yes no with these those"
    " the and or"
    " then now so changes change details your information everything above if before any"
    " y n want wish agree approve them it's looks good just for have a an be made us let know"
    " as".split()
)


def _names_something(sentence: str) -> bool:
    """Whether more is asked than to go on."""
    return not set(_words(sentence)) <= _GENERIC


def _asks_for_a_value(sentence: str) -> bool:
    """Whether a sentence that a yes could answer asks for something all the same."""
    return ASKS_FOR_A_VALUE.search(folded(sentence)) is not None


def _same_wishes(do: str) -> Iterator[str]:
    """Stems of other words for what is to be done."""
    plain = f" {folded(do)}"
    for words in _SAME_WISHES:
        if any(f" {word}" in plain for word in words):
            yield from (word[:_STEM] for word in words if " " not in word)


def _wish(wants: Mapping[str, Any]) -> str:
    """What is wanted, in a sentence; empty where nothing is."""
    others = [
        _Fact(path, value, of_wants=True).sentence
        for path, value in _leaves({key: value for key, value in wants.items() if key != DO})
    ]
    wish = [f"I want to {_shown(wants[DO]).removesuffix('.')}."] if wants.get(DO) else []
    return " ".join([*wish, *others])


def _leaves(
    facts: Mapping[str, Any], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], object]]:
    for key, value in facts.items():
        if isinstance(value, dict) and value and len(path) < _DEEPEST:
            yield from _leaves(value, (*path, str(key)))
        else:
            yield (*path, str(key)), value


def _shown(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "not known"}[value]
    if isinstance(value, list | dict) and not value:
        return "none"
    if isinstance(value, str) and not value.strip():
        return "not known"
    if isinstance(value, list):
        return ", ".join(_shown(item) for item in value)
    return value if isinstance(value, str) else json_text(value)


def _split(key: str) -> str:
    """A key as words: `orderId`, `order_id` and `order-id` are "order id"."""
    return " ".join(_SPLIT_CAMEL.sub(" ", key).replace("_", " ").replace("-", " ").split()).lower()


def _words(text: str) -> list[str]:
    """Words in one form: no case, no plural, one word for those that mean the same."""
    return [_one_form(word) for word in _WORD.findall(folded(text))]


def _one_form(word: str) -> str:
    same = _SAME.get(word)
    if same is not None:
        return same
    singular = (
        word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word
    )
    return _SAME.get(singular, singular)


def _key_words(named: str) -> frozenset[str]:
    words = frozenset(_words(named))
    return (words - _FILLING) or words


def _values(text: str) -> list[str]:
    """What could be a value: numbers in one form, and everything else that holds a digit."""
    found = []
    for token in _VALUE.findall(folded(text)):
        bare = token.lstrip("$€£#")
        if _COMMA_NUMBER.fullmatch(bare):
            bare = bare.replace(".", "").replace(",", ".")
        number = _NUMBER.fullmatch(bare)
        found.append(f"{float(number[0].replace(',', '')):.12g}" if number else token)
    return found


def _has_digit(value: str) -> bool:
    return any(character.isdigit() for character in value)


def _shape(value: str) -> str:
    """What kind of value it is: a number, a date, or letters and digits."""
    if _NUMBER.fullmatch(value):
        return "number"
    if re.fullmatch(r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}", value):
        return "date"
    return "id" if _has_digit(value) else "word"
