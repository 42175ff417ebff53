"""Hostile patterns and schemas cost a bounded time, in any thread."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Any

import pytest

from dialgate_evals.files import time_bounds
from dialgate_evals.files.schema_validation import DocumentValidator, schema_defects
from dialgate_evals.files.time_bounds import OutOfTimeError, Patience, bounded, found_in

if TYPE_CHECKING:
    from collections.abc import Callable

SLOW = "(a+)+$"
TEXT = "a" * 40 + "!"


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_bounds, "PATTERN_S", 0.02)
    monkeypatch.setattr("dialgate_evals.files.schema_validation.SCHEMA_S", 0.05)


def test_a_pattern_without_end_is_given_up() -> None:
    with pytest.raises(OutOfTimeError, match="can't be decided in"):
        found_in(SLOW, TEXT)


def test_what_is_given_up_again_and_again_is_no_longer_asked_but_by_others() -> None:
    mine, theirs = Patience(), Patience()
    for _ in range(3):
        with mine.lent() as undecided, pytest.raises(OutOfTimeError):
            found_in(SLOW, TEXT)
        assert list(undecided) == [f"the pattern {SLOW!r}"]
    with mine.lent(), pytest.raises(OutOfTimeError):
        found_in(SLOW, "a")
    with theirs.lent() as undecided:
        assert found_in(SLOW, "a")
    assert not undecided


def test_who_gave_up_on_everything_is_asked_nothing_more() -> None:
    mine = Patience()
    for number in range(20):
        mine.give_up(number, "")
    with mine.lent(), pytest.raises(OutOfTimeError):
        found_in("x", "x")


def test_it_is_given_up_in_other_threads_too() -> None:
    outcome: list[object] = []

    def ask() -> None:
        try:
            outcome.append(found_in(SLOW, TEXT))
        except OutOfTimeError as error:
            outcome.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert isinstance(outcome[0], OutOfTimeError)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("(a.|.b)" * 40 + "c", "ab" * 40 + "d"),
        ("(a?b?a?b?)" * 30 + "c", "ab" * 30),
    ],
    ids=["choices", "options"],
)
@pytest.mark.parametrize("in_thread", [False, True])
def test_a_pattern_needs_no_repetition_to_have_no_end(
    pattern: str, text: str, in_thread: bool
) -> None:
    def ask() -> object:
        try:
            return found_in(pattern, text)
        except OutOfTimeError:
            return "out of time"

    assert (in_a_thread(ask) if in_thread else ask()) == "out of time"


@pytest.mark.parametrize("in_thread", [False, True])
def test_an_ordinary_pattern_is_found_as_ever(in_thread: bool) -> None:
    found: list[bool] = []

    def ask() -> None:
        found.extend((found_in(r"\bO-\d+\b", "order O-12"), found_in("x+", "y")))

    if in_thread:
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    else:
        ask()
    assert found == [True, False]


def test_a_bound_leaves_no_timer_and_no_handler_behind() -> None:
    before = signal.getsignal(signal.SIGVTALRM)
    with bounded(5), bounded(5):
        pass
    assert signal.getsignal(signal.SIGVTALRM) is before
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)


def test_a_schema_s_pattern_without_end_does_not_match() -> None:
    schema = {"properties": {"x": {"pattern": SLOW}}}
    assert not DocumentValidator(schema).is_valid({"x": TEXT})
    assert "can't be decided" in DocumentValidator(schema).errors({"x": TEXT})[0].message


HARD: dict[str, tuple[dict[str, Any], Any]] = {
    "a pattern": ({"properties": {"x": {"pattern": SLOW}}}, {"x": TEXT}),
    "under not": ({"properties": {"x": {"not": {"pattern": SLOW}}}}, {"x": TEXT}),
    "names": ({"patternProperties": {SLOW: {}}}, {TEXT: 1}),
    "other names": ({"patternProperties": {SLOW: {}}, "additionalProperties": False}, {TEXT: 1}),
    "names of names": ({"propertyNames": {"pattern": SLOW}}, {TEXT: 1}),
}


def in_a_thread(ask: Callable[[], Any]) -> Any:
    found: list[Any] = []

    def work() -> None:
        try:
            found.append(ask())
        except OutOfTimeError:
            found.append("out of time")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return found[0]


@pytest.mark.parametrize("name", HARD)
def test_no_place_of_a_schema_answers_yes_or_no_for_what_it_can_t_tell(name: str) -> None:
    schema, document = HARD[name]
    validator = DocumentValidator(schema)
    assert not validator.is_valid(document)
    with pytest.raises(OutOfTimeError):
        validator.holds(document)
    assert in_a_thread(lambda: validator.holds(document)) == "out of time"


def test_elements_of_a_long_list_are_told_apart_in_one_pass() -> None:
    validator = DocumentValidator({"uniqueItems": True}, is_ours=True)
    many = [{"id": number, "tags": ["a", number]} for number in range(10_000)]
    assert validator.is_valid(many)
    assert not validator.is_valid([*many, {"tags": ["a", 7], "id": 7.0}])
    assert validator.is_valid([1, True, "1", [1], {"a": 1}, {"a": True}, None, False, 0])
    assert not validator.is_valid([1, 1.0])
    assert not validator.is_valid([[True], [True]])


def test_a_schema_that_asks_much_of_a_document_that_holds_much_is_given_up() -> None:
    """What the fast validator would do for minutes, with nothing to end it."""
    alike = {"anyOf": [{"const": number} for number in range(5_000)]}
    validator = DocumentValidator({"items": alike})
    assert validator.is_valid([4_999] * 100)
    assert not validator.is_valid([4_999] * 100_000)


@pytest.mark.parametrize("depth", [200, 20_000])
def test_a_deep_document_is_no_error_of_ours(depth: int) -> None:
    tree = {"$ref": "#/$defs/n", "$defs": {"n": {"properties": {"x": {"$ref": "#/$defs/n"}}}}}
    document: dict[str, Any] = {}
    for _ in range(depth):
        document = {"x": document}
    validator = DocumentValidator(tree)
    assert validator.is_valid(document) in {True, False}
    assert isinstance(validator.errors(document), list)


def bomb(levels: int, keyword: str) -> dict[str, Any]:
    """Each level refers twice to the one below."""
    defs: dict[str, Any] = {"a0": {"type": "object"}}
    for level in range(1, levels):
        twice = [{"$ref": f"#/$defs/a{level - 1}"}] * 2
        defs[f"a{level}"] = {keyword: twice} if keyword == "allOf" else deeper(twice)
    return {"$ref": f"#/$defs/a{levels - 1}", "$defs": defs}


def deeper(twice: list[Any]) -> dict[str, Any]:
    return {"properties": {"x": {"allOf": twice}}}


@pytest.mark.parametrize("keyword", ["allOf", "properties"])
def test_references_that_multiply_are_a_defect(keyword: str) -> None:
    (defect,) = schema_defects(bomb(40, keyword))
    assert "its references multiply" in defect


def test_ordinary_reuse_and_recursion_are_none() -> None:
    tree = {
        "$ref": "#/$defs/node",
        "$defs": {
            "node": {
                "properties": {"left": {"$ref": "#/$defs/node"}, "right": {"$ref": "#/$defs/node"}},
                "required": ["value"],
            }
        },
    }
    assert schema_defects(tree) == []
    assert schema_defects(bomb(5, "allOf")) == []
    assert DocumentValidator(tree).is_valid({"value": 1, "left": {"value": 2}})
    assert not DocumentValidator(tree).is_valid({"value": 1, "left": {}})


def test_recursion_that_doubles_at_each_level_of_the_data_is_given_up() -> None:
    twice = {"allOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/a"}]}
    schema = {"$ref": "#/$defs/a", "$defs": {"a": {"properties": {"x": twice}}}}
    assert schema_defects(schema) == []
    document: dict[str, Any] = {}
    for _ in range(60):
        document = {"x": document}
    assert not DocumentValidator(schema).is_valid(document)
    assert in_a_thread(lambda: DocumentValidator(schema).holds(document)) == "out of time"
