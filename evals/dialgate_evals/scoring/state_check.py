"""Whether the simulator's end state is the one that a case asks for, whatever the path to it.

Knows both ways to ask: a JSON Schema over the final state, or a JSON Patch from the initial to the
final state. A state that is not on record never passes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.files.json_patch import PatchError, apply_patch
from dialgate_evals.files.json_text import canonical_json
from dialgate_evals.files.problems import show_value
from dialgate_evals.files.schema_validation import DocumentValidator

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dialgate_evals.suite.case import StateCheck

_MOST_DIFFERENCES = 5


def check_state(check: StateCheck | None, state: Mapping[str, Any] | None) -> tuple[str, ...]:
    """A sentence for every way in which the end state is not the expected one.

    `state` is the trajectory's {"initial": …, "final": …}; None where none was recorded.
    """
    if check is None:
        return ()
    if state is None or "initial" not in state or "final" not in state:
        return ("no end state is on record, and the case expects one",)
    if check.where is not None:
        return _check_schema(check.where, state["final"])
    try:
        expected = apply_patch(state["initial"], check.patch or ())
    except PatchError as error:
        return (f"the expected change of state can't be applied: {error}",)
    if canonical_json(expected) == canonical_json(state["final"]):
        return ()
    return tuple(
        f"the end state differs at {place or 'its root'}: {words}"
        for place, words in _first(_differences(expected, state["final"]))
    )


def _check_schema(schema: Mapping[str, Any], final: object) -> tuple[str, ...]:
    validator = DocumentValidator(schema, what="the `where` of the end state")
    if validator.is_valid(final):
        return ()
    places = (
        ("".join(f"/{part}" for part in error.absolute_path), error.message[:200])
        for error in validator.errors(final)
    )
    sentences = tuple(
        f"the end state is not as expected at {place or 'its root'}: {words}"
        for place, words in _first(places)
    )
    return sentences or ("the end state is not as expected",)


def _first(places: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for _, place in zip(range(_MOST_DIFFERENCES), places, strict=False):
        yield place


def _differences(expected: object, actual: object, place: str = "") -> Iterator[tuple[str, str]]:
    """Pointer and words for every difference, depth first, keys in order."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key in sorted({*expected, *actual}):
            here = f"{place}/{key.replace('~', '~0').replace('/', '~1')}"
            if key not in actual:
                yield here, f"expected {show_value(expected[key])}, found nothing"
            elif key not in expected:
                yield here, f"expected nothing, found {show_value(actual[key])}"
            else:
                yield from _differences(expected[key], actual[key], here)
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for index, (one, other) in enumerate(zip(expected, actual, strict=True)):
            yield from _differences(one, other, f"{place}/{index}")
    elif canonical_json(expected) != canonical_json(actual):
        yield place, f"expected {show_value(expected)}, found {show_value(actual)}"
