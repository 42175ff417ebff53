"""JSON Patch by the operations of RFC 6902 and the examples of its appendix."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.files.json_patch import PatchError, apply_patch, patch_defects

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("ab/~0", max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)

# RFC 6902, appendix A: document, patch, document after it.
EXAMPLES: dict[str, tuple[Any, list[dict[str, Any]], Any]] = {
    "A.1 add a member": (
        {"foo": "bar"},
        [{"op": "add", "path": "/baz", "value": "qux"}],
        {"baz": "qux", "foo": "bar"},
    ),
    "A.2 add an element": (
        {"foo": ["bar", "baz"]},
        [{"op": "add", "path": "/foo/1", "value": "qux"}],
        {"foo": ["bar", "qux", "baz"]},
    ),
    "A.3 remove a member": (
        {"baz": "qux", "foo": 1},
        [{"op": "remove", "path": "/baz"}],
        {"foo": 1},
    ),
    "A.4 remove an element": (
        {"foo": [1, 2, 3]},
        [{"op": "remove", "path": "/foo/1"}],
        {"foo": [1, 3]},
    ),
    "A.5 replace": (
        {"baz": "qux"},
        [{"op": "replace", "path": "/baz", "value": "boo"}],
        {"baz": "boo"},
    ),
    "A.6 move a value": (
        {"foo": {"bar": "baz", "waldo": "fred"}, "qux": {"corge": "grault"}},
        [{"op": "move", "from": "/foo/waldo", "path": "/qux/thud"}],
        {"foo": {"bar": "baz"}, "qux": {"corge": "grault", "thud": "fred"}},
    ),
    "A.7 move an element": (
        {"foo": ["all", "grass", "cows", "eat"]},
        [{"op": "move", "from": "/foo/1", "path": "/foo/3"}],
        {"foo": ["all", "cows", "eat", "grass"]},
    ),
    "A.8 test": (
        {"baz": "qux", "foo": ["a", 2, "c"]},
        [
            {"op": "test", "path": "/baz", "value": "qux"},
            {"op": "test", "path": "/foo/1", "value": 2.0},
        ],
        {"baz": "qux", "foo": ["a", 2, "c"]},
    ),
    "A.14 escapes": (
        {"/": 9, "~1": 10},
        [{"op": "test", "path": "/~01", "value": 10}],
        {"/": 9, "~1": 10},
    ),
    "A.16 add to the end": (
        {"foo": ["bar"]},
        [{"op": "add", "path": "/foo/-", "value": ["abc", "def"]}],
        {"foo": ["bar", ["abc", "def"]]},
    ),
    "copy": ({"a": [1]}, [{"op": "copy", "from": "/a", "path": "/b"}], {"a": [1], "b": [1]}),
    "the whole document": ({"a": 1}, [{"op": "replace", "path": "", "value": 2}], 2),
    "the empty key": ({"": 1}, [{"op": "replace", "path": "/", "value": 2}], {"": 2}),
    "moved onto itself": ({"a": 1}, [{"op": "move", "from": "/a", "path": "/a"}], {"a": 1}),
}


@pytest.mark.parametrize(("document", "patch", "after"), EXAMPLES.values(), ids=EXAMPLES)
def test_the_examples_of_the_rfc(document: Any, patch: list[dict[str, Any]], after: Any) -> None:
    before = copy.deepcopy(document)
    assert apply_patch(document, patch) == after
    assert document == before


REFUSED: dict[str, tuple[Any, dict[str, Any]]] = {
    "A.9 a test that does not hold": ({"a": 1}, {"op": "test", "path": "/a", "value": 2}),
    "A.15 a string is no number": ({"~1": 10}, {"op": "test", "path": "/~01", "value": "10"}),
    "true is not 1": ({"a": 1}, {"op": "test", "path": "/a", "value": True}),
    "A.12 a parent that is not there": ({"a": 1}, {"op": "add", "path": "/b/c", "value": 1}),
    "removes nothing": ({"a": 1}, {"op": "remove", "path": "/b"}),
    "replaces nothing": ({"a": 1}, {"op": "replace", "path": "/b", "value": 1}),
    "removes the end of a list": ({"a": [1]}, {"op": "remove", "path": "/a/-"}),
    "beyond the end": ([1], {"op": "add", "path": "/2", "value": 1}),
    "a leading zero": ([1, 2], {"op": "remove", "path": "/01"}),
    "a negative index": ([1, 2], {"op": "remove", "path": "/-1"}),
    "a foreign digit": ([1, 2], {"op": "remove", "path": "/\u0661"}),
    "adds to a number": ({"a": 1}, {"op": "add", "path": "/a/b", "value": 1}),
}


@pytest.mark.parametrize(("document", "operation"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_applied_is_refused(document: Any, operation: dict[str, Any]) -> None:
    assert patch_defects([operation]) == []
    with pytest.raises(PatchError, match="operation 0"):
        apply_patch(document, [operation])


MALFORMED: dict[str, dict[str, Any]] = {
    "no value": {"op": "add", "path": "/a"},
    "no source": {"op": "copy", "path": "/a"},
    "no slash": {"op": "remove", "path": "a"},
    "a bad escape": {"op": "remove", "path": "/a~2"},
    "no such operation": {"op": "set", "path": "/a", "value": 1},
    "into itself": {"op": "move", "from": "/a", "path": "/a/b"},
    "removes everything": {"op": "remove", "path": ""},
}


@pytest.mark.parametrize("operation", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_operation_is_one_whatever_it_is_applied_to(operation: dict[str, Any]) -> None:
    assert len(patch_defects([operation])) == 1
    with pytest.raises(PatchError):
        apply_patch({"a": {}}, [operation])


@given(JSON, JSON)
def test_replacing_the_root_gives_the_value(document: Any, value: Any) -> None:
    assert apply_patch(document, [{"op": "replace", "path": "", "value": value}]) == value


@given(st.dictionaries(st.text(max_size=3), JSON, max_size=3), st.text(max_size=3), JSON)
def test_what_is_added_under_any_key_is_found_there_and_can_be_removed(
    document: dict[str, Any], key: str, value: Any
) -> None:
    document.pop(key, None)
    path = "/" + key.replace("~", "~0").replace("/", "~1")
    added = apply_patch(document, [{"op": "add", "path": path, "value": value}])
    assert added == {**document, key: value}
    assert apply_patch(added, [{"op": "remove", "path": path}]) == document
