"""What the agent did itself: a trajectory without the context that it was given.

Compares messages, not JSON: who said what, which calls with which data, what answered them. Ids,
spelling of arguments, empty contents and the order of keys say nothing.
"""

from __future__ import annotations

import unicodedata
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dialgate_evals.dialects.reading import FoundCall, Reading, Said, Step, as_data
from dialgate_evals.files.json_text import JsonTextError, canonical_json, parse_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Key = tuple[Any, ...]
_OPEN = None
# stands for the answer of a call that waits for one


class Context:
    """A case's context, made ready to be found in any number of trajectories."""

    def __init__(self, reading: Reading) -> None:
        self._steps = reading.steps
        is_text = all(isinstance(step, Said) and step.text.strip() for step in reading.steps)
        self.texts = [(step.role, step.text) for step in _said(reading.steps)] if is_text else []
        # what is said in it, in order; empty where it holds a call or an empty text

    @cached_property
    def keyed(self) -> list[tuple[Key, Step]]:
        """What the steps say, however they are written."""
        return _keyed(self._steps)

    @cached_property
    def prompts(self) -> int:
        """How many system messages come first."""
        return _prompts(self.keyed)


def own_steps(reading: Reading, context: Context) -> list[Step]:
    """The steps behind the context; all of them where the trajectory doesn't begin with it.

    System messages may stand before it, and may be left out: some dialects keep them elsewhere.
    """
    size = len(context.texts)
    if size and _begins_with_texts(reading.steps, context.texts):
        return list(reading.steps[size:])
    given = context.keyed
    if not given:
        return list(reading.steps)
    found = _keyed(_beginning(reading.steps, len(given)))
    prompts = _prompts(found)
    for start in range(prompts + 1):
        if _begins(found[start:], given):
            return _steps_after(reading, found[start + len(given) - 1][1])
    rest = given[context.prompts :]
    if rest and _begins(found[prompts:], rest):
        return _steps_after(reading, found[prompts + len(rest) - 1][1])
    return list(reading.steps)


def _said(steps: Sequence[Step]) -> Iterator[Said]:
    return (step for step in steps if isinstance(step, Said))


def _begins_with_texts(steps: Sequence[Step], texts: Sequence[tuple[str, str]]) -> bool:
    """Whether the steps begin with the very texts, up to the end of a message.

    The harness's own trajectories do; others are compared more closely.
    """
    size = len(texts)
    if len(steps) > size and steps[size].message == steps[size - 1].message:
        return False
    beginning = steps[:size]
    return [(step.role, step.text) for step in _said(beginning)] == texts and (
        len(beginning) == size
    )


def _beginning(steps: Sequence[Step], size: int) -> Sequence[Step]:
    """The steps in which a context of that size can lie: behind prompts, to a message's end."""
    end, found = 0, 0
    while end < len(steps) and (found <= size or steps[end].message == steps[end - 1].message):
        step = steps[end]
        says_something = isinstance(step, FoundCall) or bool(step.text.strip())
        is_prompt = not found and isinstance(step, Said) and step.role == "system"
        found += says_something and not is_prompt
        end += 1
    return steps[:end]


def _steps_after(reading: Reading, last: Step) -> list[Step]:
    position = next(index for index, step in enumerate(reading.steps) if step is last)
    later = reading.steps[position + 1 :]
    # What stands in the same message as the context's end and says nothing belongs to it.
    while later and isinstance(later[0], Said) and not later[0].text and (
        later[0].message == last.message
    ):  # fmt: skip
        later = later[1:]
    return later


def _keyed(steps: Sequence[Step]) -> list[tuple[Key, Step]]:
    """What the steps say, in an order that does not depend on how a message is written."""
    found: list[tuple[Key, Step]] = []
    start = 0
    while start < len(steps):
        end = start
        while end < len(steps) and steps[end].message == steps[start].message:
            end += 1
        said = [s for s in steps[start:end] if isinstance(s, Said) and s.text.strip()]
        made = [s for s in steps[start:end] if isinstance(s, FoundCall)]
        found += [(_said_key(step), step) for step in said]
        found += [(_call_key(step), step) for step in made]
        start = end
    return found


def _prompts(keyed: Sequence[tuple[Key, Step]]) -> int:
    """How many system messages come first."""
    others = (index for index, (key, _) in enumerate(keyed) if key[0] != "system")
    return next(others, len(keyed))


def _begins(found: Sequence[tuple[Key, Step]], wanted: Sequence[tuple[Key, Step]]) -> bool:
    if len(found) < len(wanted):
        return False
    return all(_is_same(one, other) for (one, _), (other, _) in zip(found, wanted, strict=False))


def _is_same(found: Key, wanted: Key) -> bool:
    if found[0] == wanted[0] == "call" and wanted[3] is _OPEN:
        return found[:3] == wanted[:3]
    return found == wanted


def _said_key(step: Said) -> Key:
    return step.role, _plain(step.text)


def _call_key(step: FoundCall) -> Key:
    answer = None if step.answer is None else _as_data(step.answer)
    return "call", step.name, _canonical(as_data(step.arguments)), answer


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()


def _as_data(text: str) -> str:
    """An answer's text; JSON as data, whatever its spaces."""
    stripped = text.strip()
    if stripped.startswith(("{", "[")):
        try:
            return canonical_json(parse_json(stripped.encode("utf-8", "surrogatepass")))
        except JsonTextError:
            pass
    return _plain(text)


def _canonical(value: object) -> str:
    try:
        return canonical_json(value)
    except (JsonTextError, TypeError, ValueError):
        return repr(value)
