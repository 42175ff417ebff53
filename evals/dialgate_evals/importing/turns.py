"""A conversation becomes cases: one for each user's message that calls follow.

The context ends with that message; what came after it is the trajectory: answered calls are
recordings, calls that write are what should follow. Leaves redaction to `importing.importing`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from dialgate_evals.conversing.users import script_of
from dialgate_evals.dialects.front_door import as_chat, read_messages
from dialgate_evals.dialects.reading import FoundCall, Said, as_data
from dialgate_evals.files.json_text import JsonTextError, canonical_json, parse_json
from dialgate_evals.importing.found import Conversation, Left
from dialgate_evals.importing.tool_list import is_plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dialgate_evals.dialects.reading import Reading
    from dialgate_evals.importing.guesses import Guess
    from dialgate_evals.suite.tools import Tool

_MEDIA = frozenset(
    "image image_url input_image document file input_file audio input_audio video blob".split()
)


class Turn(Struct, kw_only=True):
    """One case in the making, and what the agent did, as messages."""

    id: str
    place: str
    context: list[dict[str, Any]]
    recordings: list[dict[str, Any]]
    expect: dict[str, Any]
    trajectory: list[dict[str, Any]]
    tags: list[str]
    user: dict[str, Any] | None = None
    # who answers in it, as a case's `user`


class TurnCutter:
    """Cuts conversations by what each tool seems to do."""

    def __init__(
        self, tools: Mapping[str, Tool], guesses: Mapping[str, Guess], *, whole: bool = False
    ) -> None:
        """`whole`: a conversation is one case, in which its user answers."""
        self._tools, self._guesses, self._whole = tools, guesses, whole

    def cut(self, conversation: Conversation) -> Iterator[Turn | Left]:
        """The turns of a conversation, and everything that became none."""
        place = conversation.place
        reading = read_messages(conversation.messages)
        if reading.gaps:
            gap = reading.gaps[0]
            where = "/".join(map(str, gap.path))
            why = f"it is not understood and could hold an action; the nearest form: {gap.nearest}"
            yield Left(place=f"{place} messages/{where}", what=gap.found, why=why)
            return
        starts = [s.message for s in reading.steps if isinstance(s, Said) and s.role == "user"]
        if not starts:
            yield Left(place=place, what="a conversation", why="no user says anything in it")
            return
        yield from _lost_media(conversation)
        ends = [*starts[1:], len(conversation.messages)]
        spans = [
            (start, end, [s for s in reading.calls if start < s.message < end])
            for start, end in zip(starts, ends, strict=True)
        ]
        chosen = [span for span in spans if span[2]] or spans[-1:]
        if conversation.expect:
            chosen = [self._asserted_span(spans, conversation)]
        elif self._whole:
            calls = [call for _, _, made in spans for call in made]
            chosen = [(starts[0], len(conversation.messages), calls)]
        elif not chosen[0][2] and not _is_answered(reading, chosen[0][0]):
            why = "nothing says what followed, so nothing could be expected"
            yield Left(place=place, what="a request without an answer", why=why)
            return
        early = [call for call in reading.calls if call.message <= starts[0]]
        if early:
            what = f"{len(early)} calls before a user's first word"
            yield Left(place=place, what=what, why="they are part of the context only")
        for number, (start, end, calls) in enumerate(chosen, 1):
            more = f"-{number}" if len(chosen) > 1 else ""
            yield from self._turn(conversation, start, end, calls, more, reading)

    @staticmethod
    def _asserted_span(spans: list[Any], conversation: Conversation) -> Any:  # noqa: ANN401 - any data
        """The span that assertions are about: after the last message that was asked."""
        asked = conversation.asked or len(conversation.messages)
        before = [span for span in spans if span[0] < asked] or spans
        start = before[-1][0]
        return (
            start,
            len(conversation.messages),
            [c for s in spans if s[0] >= start for c in s[2]],
        )

    def _turn(
        self, conversation: Conversation, start: int, end: int,
        calls: list[FoundCall], more: str, reading: Reading,
    ) -> Iterator[Turn | Left]:  # fmt: skip
        place = conversation.place
        broken = [call for call in calls if not isinstance(as_data(call.arguments), dict)]
        if broken:
            what = f"a call of {broken[0].name} whose arguments are no object"
            yield Left(
                place=place, what=what, why="no case can expect such a call; it may be cut off"
            )
            return
        if not all(is_plain(call.name) for call in calls):
            why = "no file can hold the name of its tool"
            yield Left(place=place, what="a call", why=why)
            return
        if not conversation.expect and self._breaks_off(calls, reading):
            what = f"a turn that ends with a call of {calls[-1].name}"
            yield Left(place=place, what=what, why="nothing answers it; what follows isn't known")
            return
        writes = [call for call in calls if self._writes(call) and not call.failed]
        for call in calls:
            if call.failed and self._writes(call):
                what = f"a call of {call.name} that was answered with an error"
                yield Left(place=place, what=what, why="it had no effect: recorded, not expected")
        actions = [{"name": call.name, "arguments": as_data(call.arguments)} for call in writes]
        asserted = conversation.expect.get("actions")
        if asserted is not None:
            actions = [item for item in asserted if not self._reads(item["name"])]
            for item in asserted:
                if self._reads(item["name"]):
                    what = f"an expected call of {item['name']}"
                    yield Left(
                        place=place, what=what, why="it seems to read, and a read is no action"
                    )
        defect = self._defect(actions)
        if defect is not None:
            yield Left(place=place, what=defect, why="lint would refuse a case that expects it")
            return
        yield Turn(
            id=conversation.id + more,
            place=place,
            context=_chat(conversation.messages[: start + 1]),
            recordings=_recordings(calls),
            expect={**conversation.expect, "actions": actions},
            trajectory=_chat(conversation.messages[start + 1 : end]),
            tags=conversation.tags,
            user=self._user_of(conversation, start),
        )

    def _user_of(self, conversation: Conversation, start: int) -> dict[str, Any] | None:
        """Who answers where the conversation is one case: by its source's facts, or a script."""
        if not self._whole:
            return None
        if conversation.user is not None:
            return conversation.user
        steps = read_messages(conversation.messages).steps
        later = [s for s in steps if isinstance(s, Said) and s.role == "user" and s.message > start]
        return script_of([step.text for step in later if step.text.strip()])

    def _breaks_off(self, calls: list[FoundCall], reading: Reading) -> bool:
        """Whether the last that is known of a turn is a question to a tool."""
        if not calls or calls[-1].answer is not None or self._writes(calls[-1]):
            return False
        said = (
            s for s in reading.steps if isinstance(s, Said) and s.role == "assistant" and s.text
        )
        return not any(s.message > calls[-1].message for s in said)

    def _writes(self, call: FoundCall) -> bool:
        guess = self._guesses.get(call.name)
        return guess is None or guess.effect != "read"

    def _reads(self, name: str) -> bool:
        guess = self._guesses.get(name)
        return guess is not None and guess.effect == "read"

    def _defect(self, actions: list[dict[str, Any]]) -> str | None:
        for action in actions:
            tool = self._tools.get(action["name"])
            arguments = action.get("arguments")
            for error in tool.validator.errors(arguments) if tool and arguments else ():
                return f"a call that breaks the schema of {action['name']}: {error.message[:160]}"
        return None


def _is_answered(reading: Reading, start: int) -> bool:
    """Whether the agent says anything after the message; a refusal is an answer too."""
    return any(
        isinstance(step, Said) and step.role == "assistant" and step.message > start
        for step in reading.steps
    )


def _chat(messages: list[Any]) -> list[dict[str, Any]]:
    """As chat messages, which a case file may hold; extra keys of logs don't matter to anybody."""
    kept = ("role", "content", "tool_calls", "tool_call_id", "name", "error")
    return [{key: m[key] for key in kept if m.get(key) is not None} for m in as_chat(messages)]


def _lost_media(conversation: Conversation) -> Iterator[Left]:
    """Pictures and files that go missing where messages are written anew."""
    count = _media(conversation.messages) - _media(as_chat(conversation.messages))
    if count > 0:
        why = "only texts, calls and answers of this format become chat messages"
        yield Left(place=conversation.place, what=f"{count} pictures or files", why=why)


def _media(messages: list[Any]) -> int:
    return sum(
        isinstance(part, dict) and part.get("type") in _MEDIA
        for message in messages
        if isinstance(message, dict) and isinstance(message.get("content"), list)
        for part in message["content"]
    )


def _recordings(calls: list[FoundCall]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for call in calls:
        if call.answer is None:
            continue
        made: dict[str, Any] = {"name": call.name, "arguments": as_data(call.arguments)}
        if call.failed:
            made["error"] = call.answer or "error"
        else:
            made["result"] = _result(call.answer)
        found.setdefault(canonical_json(made), made)
    return list(found.values())


def _result(answer: str) -> Any:  # noqa: ANN401 - JSON data
    """The answer as data where its text is an object or a list; numbers in texts stay texts."""
    try:
        parsed = parse_json(answer.encode("utf-8", "surrogatepass"))
    except JsonTextError:
        return answer
    return parsed if isinstance(parsed, dict | list) else answer
