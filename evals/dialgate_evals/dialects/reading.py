"""What a trajectory says in any dialect: texts, calls and answers in order, and what stays dark.

A dialect's file tells a `Reading` what it found; here answers find their calls. Knows no dialect;
leaves what a call means to `dialgate_evals.scoring.scoring`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct, field

from dialgate_evals.dialects.texts.answers import answer_text, is_error_text, is_mcp_error
from dialgate_evals.dialects.texts.endings import reason_of
from dialgate_evals.dialects.unknown import looks_like_call
from dialgate_evals.files.json_text import (
    JsonTextError,
    canonical_json,
    parse_json,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Path = tuple[str | int, ...]
Role = Literal["system", "user", "assistant", "tool"]

_ROLES: Mapping[str, Role] = {
    "system": "system", "developer": "system",
    "user": "user", "human": "user",
    "assistant": "assistant", "ai": "assistant", "model": "assistant",
    "tool": "tool", "function": "tool",
}  # fmt: skip


class NotUnderstood(Struct, frozen=True, kw_only=True):
    """A part that no dialect explains and that could hold an action."""

    path: Path
    # inside the list of messages
    found: str
    nearest: str
    # the known form that is most like it


class Said(Struct, kw_only=True):
    """A text of one message; empty where an assistant's message holds none."""

    role: Role
    text: str
    message: int


class FoundCall(Struct, kw_only=True):
    """One call of a tool in somebody else's trajectory, and the answer that belongs to it."""

    name: str
    arguments: Any
    # as they were written: text or data; None where there are none
    message: int
    group: int
    # calls without an answer or another's word between them
    id: str | None = None
    answer: str | None = None
    # the answer's text; None where nothing answers it
    failed: bool = False
    unmatched: bool = False
    sources: set[str] = field(default_factory=set)
    # where in its message it stands; some frameworks write a call in two places

    @property
    def key(self) -> tuple[str, str]:
        """What it does, whoever writes it down."""
        return self.name, repr(as_data(self.arguments))


Step = Said | FoundCall


if TYPE_CHECKING:
    Part = dict[str, Any]
    PartReader = Callable[["Reading", Role, Part, Path], None]
    # reads one part of a message's content
    Contents = Callable[["Reading", Role, object, Path], None]
    # reads a whole content: text, or parts of any dialect


def role_of(word: object) -> Role | None:
    """The role that a word of any dialect means; None where none does."""
    return _ROLES.get(word.lower()) if isinstance(word, str) else None


class Reading(Struct, kw_only=True):
    """One trajectory, read; `message` counts the items that were given, from 0."""

    steps: list[Step] = field(default_factory=list)
    gaps: list[NotUnderstood] = field(default_factory=list)
    dialects: set[str] = field(default_factory=set)
    finish_reasons: dict[int, str] = field(default_factory=dict)
    # by message
    refusals: set[int] = field(default_factory=set)
    # messages that hold one
    message: int = 0
    _group: int = 0
    _last_was_call: bool = False

    def say(self, role: Role, text: str) -> None:
        """A text; what was said by the same side in the same message goes on."""
        for step in reversed(self.steps):
            if step.message != self.message:
                break
            if isinstance(step, Said) and step.role == role:
                step.text += text
                return
        if role != "assistant":
            self._last_was_call = False
            if not text:
                return
        self.steps.append(Said(role=role, text=text, message=self.message))

    def refuse(self, text: str) -> None:
        """A refusal, which is what the agent says."""
        self.refusals.add(self.message)
        self.say("assistant", text)

    def end_for(self, reason: object) -> None:
        """Why the model's answer in this message ended."""
        known = reason_of(reason)
        if known is not None:
            self.finish_reasons[self.message] = known

    def call(
        self,
        name: object,
        arguments: object,
        *,
        call_id: object = None,
        failed: bool = False,
        source: str = "content",
        path: Path = (),
    ) -> FoundCall | None:
        """A call; without a name that is text it is not understood."""
        if not isinstance(name, str) or not name:
            self.gap(path, "a call without the name of a tool", "OpenAI chat, tool_calls")
            return None
        wanted = _id_of(call_id)
        twin = self._twin(name, arguments, wanted, source)
        if twin is not None:
            twin.sources.add(source)
            twin.failed = twin.failed or failed
            return twin
        if not self._last_was_call:
            self._group += 1
        self._last_was_call = True
        made = FoundCall(
            name=name,
            arguments=arguments,
            message=self.message,
            group=self._group,
            id=wanted,
            failed=failed,
            sources={source},
        )
        self.steps.append(made)
        return made

    def answer(
        self,
        content: object,
        *,
        call_id: object = None,
        name: object = None,
        failed: bool = False,
        unmatched: bool = False,
        path: Path = (),
    ) -> None:
        """An answer, which belongs to the nearest earlier open call of its id.

        Where ids say nothing, to the calls before it in their order. Answers to nothing tell of a
        call that stands nowhere.
        """
        self._last_was_call = False
        wanted = _id_of(call_id)
        made = self._asked_by(wanted, name if isinstance(name, str) else None)
        if made is not None:
            answer_call(made, content, failed=failed, unmatched=unmatched)
        elif not self._has_call(wanted):
            found = "an answer to a call that stands nowhere"
            self.gap(path, found, "OpenAI chat, tool_calls before their tool messages")

    def gap(self, path: Path, found: str, nearest: str) -> None:
        """Something that could hold an action and is not understood."""
        self.gaps.append(NotUnderstood(path=path, found=found, nearest=nearest))

    def only_first(self, path: Path, answers: list[Any]) -> None:
        """Of several answers to one question the first counts; none of the others may act."""
        for index, answer in enumerate(answers[1:], 1):
            if looks_like_call(answer):
                found = "another answer to the same question that holds a call"
                self.gap((*path, index), found, "one answer a question")

    @property
    def calls(self) -> list[FoundCall]:
        """Every call, in order."""
        return [step for step in self.steps if isinstance(step, FoundCall)]

    def _twin(
        self, name: str, arguments: object, call_id: str | None, source: str
    ) -> FoundCall | None:
        """The same call, written before in another place of the same message."""
        for step in reversed(self.steps):
            if step.message != self.message:
                return None
            if not isinstance(step, FoundCall) or source in step.sources or step.name != name:
                continue
            if step.id == call_id if step.id and call_id else _is_equal(step.arguments, arguments):
                return step
        return None

    def _open(self) -> Iterator[FoundCall]:
        """Calls without an answer, the latest first."""
        for step in reversed(self.steps):
            if isinstance(step, FoundCall) and step.answer is None:
                yield step

    def _asked_by(self, call_id: str | None, name: str | None) -> FoundCall | None:
        if call_id is not None:
            same = [made for made in self._open() if made.id == call_id]
            if same:
                # Calls of one message that share an id take turns.
                return [made for made in same if made.message == same[0].message][-1]
        # An answer with an id of its own answers no call that has another.
        free = [made for made in self._open() if call_id is None or made.id is None]
        if call_id is not None and self._has_call(call_id):
            return None
        named = [made for made in free if made.name == name]
        nearest = named or free
        return [made for made in nearest if made.group == nearest[0].group][-1] if nearest else None

    def _has_call(self, call_id: str | None) -> bool:
        """Whether an answer that is left over repeats one; without ids any call will do."""
        return any(made.id == call_id or call_id is None for made in self.calls)


def _id_of(written: object) -> str | None:
    """The id of a call as text; some servers number their calls."""
    if isinstance(written, int) and not isinstance(written, bool):
        return str(written)
    return written if isinstance(written, str) and written else None


def _is_equal(one: object, other: object) -> bool:
    try:
        return canonical_json(as_data(one)) == canonical_json(as_data(other))
    except JsonTextError:
        return one == other


def as_data(written: object) -> object:
    """Arguments as data: parsed where they are JSON text, an empty object where there are none."""
    if written is None:
        return {}
    if not isinstance(written, str):
        return written
    if not written.strip():
        return {}
    try:
        found = parse_json(written.encode("utf-8", "surrogatepass"))
    except JsonTextError:
        return written
    return {} if found is None else found


def answer_call(
    made: FoundCall, content: object, *, failed: bool = False, unmatched: bool = False
) -> None:
    """Says what became of a call."""
    made.answer = answer_text(content)
    made.failed = made.failed or failed or is_mcp_error(content) or is_error_text(made.answer)
    made.unmatched = unmatched
