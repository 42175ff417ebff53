"""What a trajectory says in any dialect: texts, calls and answers in order, and what stays dark.

A dialect's file tells a `Reading` what it found; here answers find their calls. Knows no dialect;
leaves what a call means to `dialgate_evals.scoring.scoring`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct, field

from dialgate_evals.files.json_text import (
    JsonTextError,
    canonical_json,
    json_text,
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

_REASONS = {
    "max_tokens": "length", "max_output_tokens": "length", "model_length": "length",
    "model_context_window_exceeded": "length", "incomplete": "length",
    "content-filter": "content_filter", "safety": "content_filter",
    "content_filtered": "content_filter", "guardrail_intervened": "content_filter",
    "recitation": "content_filter", "prohibited_content": "content_filter",
    "blocklist": "content_filter", "spii": "content_filter", "image_safety": "content_filter",
    "end_turn": "stop", "stop_sequence": "stop", "eos": "stop", "completed": "stop",
    "finish_reason_stop": "stop", "tool_use": "tool_calls", "tool_call": "tool_calls",
    "tool-calls": "tool_calls", "function_call": "tool_calls",
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
    """A call with what became of it."""

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


def reason_of(word: object) -> str | None:
    """Why a model ended, in OpenAI's words; None where nothing is said."""
    if not isinstance(word, str) or not word:
        return None
    lowered = word.lower()
    return _REASONS.get(lowered, lowered)


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
        wanted = call_id if isinstance(call_id, str) and call_id else None
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
        wanted = call_id if isinstance(call_id, str) and call_id else None
        made = self._asked_by(wanted, name if isinstance(name, str) else None)
        if made is not None:
            answer_call(made, content, failed=failed, unmatched=unmatched)
        elif not self._has_call(wanted):
            found = "an answer to a call that stands nowhere"
            self.gap(path, found, "OpenAI chat, tool_calls before their tool messages")

    def gap(self, path: Path, found: str, nearest: str) -> None:
        """Something that could hold an action and is not understood."""
        self.gaps.append(NotUnderstood(path=path, found=found, nearest=nearest))

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
    made.failed = made.failed or failed or is_mcp_error(content)
    made.unmatched = unmatched


def answer_text(content: object) -> str:
    """The text of an answer in whatever parts it comes."""
    if content is None or isinstance(content, str):
        return content or ""
    if isinstance(content, list):
        return "".join(_part_text(part) for part in content)
    return json_text(content)


def _part_text(part: object) -> str:
    if isinstance(part, dict):
        for key in ("text", "content", "value"):
            if isinstance(part.get(key), str):
                return str(part[key])
        if isinstance(part.get("json"), dict | list):
            return json_text(part["json"])
        return "" if part.get("type") in {"image", "image_url", "document"} else json_text(part)
    return part if isinstance(part, str) else json_text(part)


def is_mcp_error(content: object) -> bool:
    """Whether an answer is an MCP result, as data or as its text, that says `isError`."""
    if isinstance(content, str):
        if '"isError"' not in content or len(content) > 1_000_000:
            return False
        try:
            content = parse_json(content.encode("utf-8", "surrogatepass"))
        except JsonTextError:
            return False
    if not isinstance(content, dict) or content.get("isError") is not True:
        return False
    return isinstance(content.get("content"), list) or "structuredContent" in content
