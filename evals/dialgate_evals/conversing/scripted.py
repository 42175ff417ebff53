"""A user who follows rules in order: the first that fits and isn't used up answers.

A message that asks for nothing ends the conversation, unless a pattern fits it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.conversing.asking import asked_sentences, folded
from dialgate_evals.conversing.structured import with_question
from dialgate_evals.conversing.users import Otherwise
from dialgate_evals.conversing.words import END, UserWord
from dialgate_evals.files.json_text import JsonTextError, parse_json
from dialgate_evals.files.plain_text import shorten
from dialgate_evals.files.schema_validation import DocumentValidator
from dialgate_evals.files.time_bounds import OutOfTimeError, found_in

if TYPE_CHECKING:
    from dialgate_evals.conversing.users import Asks, ScriptedUser
    from dialgate_evals.conversing.words import AgentMessage


class ScriptedAnswers:
    """One trial's answers; what the agent says is hostile and never makes it raise."""

    def __init__(self, user: ScriptedUser) -> None:
        self._user = user
        self._left = [rule.times for rule in user.rules]
        self._schemas = [_validator(rule.asks) for rule in user.rules]

    def answer(self, message: AgentMessage) -> UserWord:
        """What the user says to the message."""
        asked = asked_sentences(with_question(message))
        question = message.question if message.question is not None else _as_question(message.text)
        try:
            found = self._fitting(message.text, " ".join(asked), question)
        except OutOfTimeError as error:
            return UserWord(left=f"a rule of the user can't be decided in time: {error}")
        if found is not None:
            self._left[found] -= 1
            return UserWord(text=self._user.rules[found].answer)
        if not asked and question is None:
            return END
        return self._otherwise(asked)

    def _fitting(self, text: str, asked: str, question: Any) -> int | None:  # noqa: ANN401 - JSON data
        for index, rule in enumerate(self._user.rules):
            if self._left[index] and _fits(
                rule.asks, self._schemas[index], text, folded(asked), question
            ):
                return index
        return None

    def _otherwise(self, asked: tuple[str, ...]) -> UserWord:
        otherwise = self._user.otherwise
        if otherwise is Otherwise.END:
            return END
        if otherwise is Otherwise.LEFT_SCRIPT:
            said = shorten(" ".join(asked), 300) if asked else "a structured question"
            return UserWord(left=f"no rule of the user answers: {said}")
        return UserWord(text=otherwise)


def _fits(
    asks: Asks,
    schema: DocumentValidator | None,
    text: str,
    asked: str,
    question: Any,  # noqa: ANN401 - JSON data
) -> bool:
    if asks.any_question and not asked and question is None:
        return False
    if not all(folded(phrase) in asked for phrase in asks.phrases):
        return False
    if asks.matches is not None and not found_in(asks.matches, text):
        return False
    if schema is None:
        return True
    return question is not None and schema.is_valid(question)


def _validator(asks: Asks) -> DocumentValidator | None:
    if asks.schema is None:
        return None
    return DocumentValidator(asks.schema, what="the schema of a user's rule")


def _as_question(text: str) -> dict[str, Any] | None:
    """A message that is a JSON object as a whole is a structured question."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        found = parse_json(text.encode("utf-8", "surrogatepass"))
    except JsonTextError:
        return None
    return found if isinstance(found, dict) else None
