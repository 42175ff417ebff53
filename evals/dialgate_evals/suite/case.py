"""A case: one decision point, what the simulated tools answer there, what must follow.

Parses one checked JSON object into frozen values; leaves reading files to `suite.case_files` and
scoring to `dialgate_evals.scoring.scoring`. JSON data can't hold itself, so that the cyclic garbage
collector is spared what a run keeps of it (`gc=False`, here and in calls, trials and scores).
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from dialgate_evals.actions.action_pattern import ActionPattern, parse_pattern
from dialgate_evals.actions.rubrics.criterion import parse_rubric
from dialgate_evals.conversing.users import ANSWERS, parse_user
from dialgate_evals.files.json_text import canonical_parsed, digest_of_bytes, digest_of_parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dialgate_evals.actions.rubrics.criterion import Criterion
    from dialgate_evals.conversing.users import User


class Origin(StrEnum):
    """Where a case comes from."""

    GOLDEN = "golden"
    REVIEWER = "reviewer"
    FUZZED = "fuzzed"


class Fault(StrEnum):
    """What a simulated tool does instead of answering."""

    TIMEOUT = "timeout"
    ERROR = "error"
    SLOW = "slow"
    MALFORMED = "malformed"


_ORIGINS = {origin.value: origin for origin in Origin}

HOLDOUT = "holdout"
"""The split of cases that prompt authors don't tune on; the others are open."""


class Recording(Struct, frozen=True, kw_only=True, gc=False):
    """What a simulated tool answers to one call."""

    name: str
    arguments: Mapping[str, Any] | None = None
    where: Mapping[str, Any] | None = None
    # neither: any call of the tool
    result: Any = None
    error: str | None = None
    # a tool error instead of a result
    fault: Fault | None = None
    times: int = 1
    # how often the fault comes before the answer
    has_answer: bool = True
    # False: the recording holds a fault only; after it the call counts as unmatched


class ReplyCheck(Struct, frozen=True, kw_only=True, gc=False):
    """What the agent's final text must hold; letters count as they are written."""

    contains: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    matches: str | None = None
    # regular expression, found anywhere in the reply
    rubric: tuple[Criterion, ...] = ()
    # what judges vote on


class StateCheck(Struct, frozen=True, kw_only=True, gc=False):
    """What the simulator's end state must be: a JSON Schema, or a JSON Patch from the start."""

    where: Mapping[str, Any] | None = None
    patch: tuple[Mapping[str, Any], ...] | None = None


class Expectation(Struct, frozen=True, kw_only=True, gc=False):
    """The actions that should follow."""

    actions: tuple[ActionPattern, ...] = ()
    # empty: take no action
    alternatives: tuple[tuple[ActionPattern, ...], ...] = ()
    forbid: tuple[ActionPattern, ...] = ()
    ordered: bool = False
    confirm_before: tuple[str, ...] = ()
    # tools or action classes that the user must have agreed to
    max_questions: int | None = None
    # texts of the agent that the user may have to answer; None: any number
    reply: ReplyCheck = ReplyCheck()
    state: StateCheck | None = None

    @property
    def lists(self) -> tuple[tuple[ActionPattern, ...], ...]:
        """Every list of actions that is as good as the others; the first is the main one."""
        return (self.actions, *self.alternatives)


class CasePlace(Struct, frozen=True, kw_only=True, gc=False):
    """Where a case was read from."""

    file: str
    # as a person would type it
    line: int

    @property
    def in_file(self) -> str:
        """The place inside its file, such as `line 3`."""
        return f"line {self.line}"

    def __str__(self) -> str:
        return f"{self.file}: {self.in_file}"


class _Digest:
    """A digest that is kept once it is known; functools' cached property takes a lock for it."""

    def __init__(self, find: Callable[[Case], str]) -> None:
        self._find = find
        self.__doc__ = find.__doc__

    def __get__(self, case: Case, owner: object = None) -> str:
        found = self._find(case)
        case.__dict__[self._find.__name__] = found
        return found


class Case(Struct, frozen=True, kw_only=True, dict=True):
    """One golden or reviewer-derived example; `context_digest` says what a trajectory rests on."""

    id: str
    origin: Origin
    messages: tuple[Mapping[str, Any], ...]
    # OpenAI chat format, up to the decision
    recordings: tuple[Recording, ...] = ()
    user: User | None = None
    # who answers the agent; None: the suite's, where it has one
    expect: Expectation = Expectation()
    critical: bool = False
    tags: tuple[str, ...] = ()
    held_out: bool = False
    # in the hold-out split
    source: Mapping[str, Any] | None = None
    document: Mapping[str, Any]
    # the JSON object it was read from
    place: CasePlace | None = None
    # None: it was made, not read
    edited_from: str | None = None
    # the base's id of the case of which this is the change's version; None: of none

    @_Digest
    def context_digest(self) -> str:
        """Digest of what the agent gets: messages, recordings, and what a user may answer."""
        user = self.document.get("user")
        return (
            self.decision_digest
            if user is None
            else digest_of_parsed({**self._decided_on(), "user": user, "answers": ANSWERS})
        )

    @_Digest
    def decision_digest(self) -> str:
        """Digest of what is decided on: messages and recordings, whoever answers afterwards."""
        return digest_of_parsed(self._decided_on())

    def has_another_user(self, other: Case) -> bool:
        """Whether an agent that asks is answered otherwise than in the other, and may so decide.

        A reviewer decided without what was said afterwards: it tells two such cases not apart.
        """
        users = [case.document.get("user") for case in (self, other)]
        return (
            None not in users
            and digest_of_parsed(users[0]) != digest_of_parsed(users[1])
            and {self.origin, other.origin} != {Origin.REVIEWER}
        )

    def _decided_on(self) -> dict[str, Any]:
        known = self.document.get
        return {"messages": known("messages") or [], "recordings": known("recordings") or []}

    @_Digest
    def digest(self) -> str:
        """Digest of everything that decides: context, expectation and whether it is critical."""
        expect = self.document["expect"]
        if expect.keys() == _ACTIONS_ONLY:
            expected = f'{{"actions":{canonical_parsed(expect["actions"])},{_NOTHING_ELSE}}}'
        else:
            expected = canonical_parsed(_normal_expectation(expect))
        critical = "true" if self.critical else "false"
        text = f'{self.context_digest} {{"critical":{critical},"expect":{expected}}}'
        return digest_of_bytes(text.encode("ascii"))


_ACTIONS_ONLY = {"actions"}
_NOTHING_ELSE = (
    '"alternatives":[],"contains":[],"excludes":[],"forbid":[],"matches":null,"ordered":false,'
    '"state":null'
)
"""How the canonical form of an expectation goes on that names actions alone, as most do."""

_OF_DIALOGUES = ("confirm_before", "max_questions")


def _normal_expectation(expect: Mapping[str, Any]) -> dict[str, Any]:
    """The expectation with every default written out, so that spelling one is no change."""
    reply = expect.get("reply") or {}
    dialogue = {key: expect[key] for key in _OF_DIALOGUES if expect.get(key) is not None}
    return {
        **dialogue,
        "actions": expect["actions"],
        "alternatives": expect.get("alternatives") or [],
        "forbid": expect.get("forbid") or [],
        "ordered": expect.get("ordered") or False,
        "contains": reply.get("contains") or [],
        "excludes": reply.get("excludes") or [],
        "matches": reply.get("matches"),
        **({"rubric": reply["rubric"]} if "rubric" in reply else {}),
        "state": expect.get("state"),
    }


def parse_case(document: Mapping[str, Any], place: CasePlace | None = None) -> Case:
    """The case that a checked JSON object says (see schemas/case.schema.json)."""
    return Case(
        id=document["id"],
        origin=_ORIGINS[document["origin"]],
        messages=tuple(document["messages"]),
        recordings=tuple([_parse_recording(item) for item in document.get("recordings", ())]),
        user=parse_user(document["user"]) if "user" in document else None,
        expect=_parse_expectation(document["expect"]),
        critical=document.get("critical", False),
        tags=tuple(document.get("tags", ())),
        held_out=document.get("split") == HOLDOUT,
        source=document.get("source"),
        document=document,
        place=place,
    )


def _parse_recording(document: Mapping[str, Any]) -> Recording:
    fault = document.get("fault")
    return Recording(
        name=document["name"],
        arguments=document.get("arguments"),
        where=document.get("where"),
        result=document.get("result"),
        error=document.get("error"),
        fault=Fault(fault) if fault else None,
        times=document.get("times", 1),
        has_answer="result" in document or "error" in document,
    )


def _parse_expectation(document: Mapping[str, Any]) -> Expectation:
    actions = tuple([parse_pattern(item) for item in document["actions"]])
    if len(document) == 1:
        return Expectation(actions=actions)
    reply = document.get("reply") or {}
    state = document.get("state")
    return Expectation(
        actions=actions,
        alternatives=tuple(
            tuple(parse_pattern(item) for item in items)
            for items in document.get("alternatives", ())
        ),
        forbid=tuple(parse_pattern(item) for item in document.get("forbid", ())),
        ordered=document.get("ordered", False),
        confirm_before=tuple(document.get("confirm_before", ())),
        max_questions=document.get("max_questions"),
        reply=ReplyCheck(
            contains=tuple(reply.get("contains", ())),
            excludes=tuple(reply.get("excludes", ())),
            matches=reply.get("matches"),
            rubric=parse_rubric(reply.get("rubric")),
        ),
        state=StateCheck(
            where=state.get("where"),
            patch=tuple(state["patch"]) if "patch" in state else None,
        )
        if state
        else None,
    )
