"""Users as a case or suite.toml declares them: scripted, with facts, or played by a model.

Parses checked tables into frozen values; leaves what they say to `scripted`, `facts` and
`running.users`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


ANSWERS = "answers-2"
"""Changes whenever a user could say something else to the same message."""


class Otherwise(StrEnum):
    """What a scripted user does where no rule answers; a text instead of it is said."""

    END = "end"
    LEFT_SCRIPT = "left_script"


class Asks(Struct, frozen=True, kw_only=True):
    """When a rule answers; all that is given must hold."""

    any_question: bool = False
    # whatever the message asks
    phrases: tuple[str, ...] = ()
    # each occurs in what the message asks, whatever its case
    matches: str | None = None
    # regular expression, found anywhere in the message
    schema: Mapping[str, Any] | None = None
    # JSON Schema over the structured question


class Rule(Struct, frozen=True, kw_only=True):
    """One answer of a scripted user."""

    asks: Asks
    answer: str
    times: int = 1
    # how often it is given


class ScriptedUser(Struct, frozen=True, kw_only=True):
    """Rules in order; the first that fits, and isn't used up, answers."""

    rules: tuple[Rule, ...]
    otherwise: Otherwise | str = Otherwise.LEFT_SCRIPT


class FactsUser(Struct, frozen=True, kw_only=True):
    """What the user wants and knows; answers are made of nothing else."""

    wants: Mapping[str, Any]
    knows: Mapping[str, Any]


class ModelUser(Struct, frozen=True, kw_only=True):
    """A user that a model plays by instructions."""

    instructions: str
    knows: Mapping[str, Any]


User = ScriptedUser | FactsUser | ModelUser


class UserSettings(Struct, frozen=True, kw_only=True):
    """The `[user]` table: who answers where a case doesn't say, limits, the model's endpoint."""

    default: User | None = None
    max_turns: int = 12
    # how often the agent has the word in one trial
    max_tokens: int | None = None
    # of the simulated user's model in one trial, both ways; None: no limit
    max_cost_usd: float | None = None
    # of the simulated user's model in one run; None: no limit
    base_url: str | None = None
    model: str | None = None
    api_key_env: str | None = None
    parameters: Mapping[str, Any] = {}
    timeout_s: float = 60.0
    # of one answer of the model
    prices: Mapping[str, float] | None = None
    # US dollars per million tokens: {"input": …, "output": …}
    content: Mapping[str, Any] = {}
    # what `default` was read from

    def value(self, key: str) -> Any:  # noqa: ANN401 - settings of several kinds
        """A key of the table as it counts, with its default; None where it is not set."""
        return self.content.get(key) if key in _CONTENT else getattr(self, key)


def parse_user(document: Mapping[str, Any]) -> User:
    """The user that a checked table says."""
    kind = document["kind"]
    if kind == "scripted":
        rules = tuple([_parse_rule(rule) for rule in document.get("rules", ())])
        return ScriptedUser(rules=rules, otherwise=_parse_otherwise(document.get("otherwise")))
    knows = document.get("knows", {})
    if kind == "facts":
        return FactsUser(wants=document.get("wants", {}), knows=knows)
    return ModelUser(instructions=document.get("instructions", ""), knows=knows)


def script_of(said: Sequence[str]) -> dict[str, Any] | None:
    """A scripted user who answers questions by these texts in turn; None where there are none.

    Whatever is asked gets the next one: what a user once said to other words of another agent.
    """
    if not said:
        return None
    rules = [{"asks": {"question": "any"}, "answer": text} for text in said]
    return {"kind": "scripted", "rules": rules, "otherwise": Otherwise.END.value}


def parse_user_settings(document: Mapping[str, Any]) -> UserSettings:
    """The settings that a checked `[user]` table says."""
    limits = ("max_turns", "max_tokens", "max_cost_usd", "timeout_s")
    endpoint = ("base_url", "model", "api_key_env", "parameters", "prices")
    return UserSettings(
        default=parse_user(document) if says_something(document) else None,
        content={key: document[key] for key in _CONTENT if key in document},
        **{key: document[key] for key in (*limits, *endpoint) if key in document},
    )


_CONTENT = ("kind", "rules", "otherwise", "wants", "knows", "instructions")


def says_something(document: Mapping[str, Any]) -> bool:
    """Whether a `[user]` table holds a user of its own, not only limits and an endpoint."""
    return any(key in document for key in _CONTENT if key != "kind")


def _parse_rule(document: Mapping[str, Any]) -> Rule:
    return Rule(
        asks=_parse_asks(document["asks"]),
        answer=document["answer"],
        times=document.get("times", 1),
    )


def _parse_asks(asks: str | list[str] | Mapping[str, Any]) -> Asks:
    if isinstance(asks, str):
        return Asks(phrases=(asks,))
    if isinstance(asks, list):
        return Asks(phrases=tuple(asks))
    return Asks(
        any_question=asks.get("question") == "any",
        phrases=tuple(asks.get("phrases", ())),
        matches=asks.get("matches"),
        schema=asks.get("schema"),
    )


def _parse_otherwise(otherwise: str | Mapping[str, Any] | None) -> Otherwise | str:
    if otherwise is None:
        return Otherwise.LEFT_SCRIPT
    return Otherwise(otherwise) if isinstance(otherwise, str) else str(otherwise["answer"])
