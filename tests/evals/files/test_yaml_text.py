"""YAML is read as the core schema of YAML 1.2 says: strictly, within bounds, a line for all."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.files.yaml_text import YamlTextError, parse_yaml

pytest.importorskip("yaml", reason='the extra "yaml" is not installed')

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff\u2028"))
DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, width=32) | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=10,
).filter(lambda value: "Infinity" not in json.dumps(value))


@given(DATA)
def test_json_is_yaml_and_says_the_same_in_both(value: object) -> None:
    text = json.dumps(value, ensure_ascii=False)
    assert parse_yaml(text.encode()).value == json.loads(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("yes", "yes"), ("on", "on"), ("2024-01-01", "2024-01-01"), ("1_000", "1_000"),
        ("12:30:45", "12:30:45"), ("'1'", "1"), ("!!str 5", "5"), ("! 5", "5"), ("1.5.2", "1.5.2"),
        ("true", True), ("False", False), ("~", None), ("", None), ("null", None), ("NULL", None),
        ("012", 12), ("0o17", 15), ("0x1F", 31), ("+5", 5), ("-0", 0), ("1e3", 1000.0), (".5", 0.5),
        ("5.", 5.0), ("= 1", "= 1"), ("\ufeffa", "a"), ("|\n  a\n  b\n", "a\nb\n"),
        (">\n  a\n  b\n", "a b\n"), ("&a [1]", [1]), ("# nothing", None),
    ],
)  # fmt: skip
def test_a_scalar_is_what_the_core_schema_says(text: str, value: object) -> None:
    read = parse_yaml(text.encode()).value
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "found", "line"),
    [
        ("a: 1\nb: 2\na: 3", 'the key "a" twice', 3),
        ("a: {b: 1, 'b': 2}", 'the key "b" twice', 1),
        ("a:\n  1: 2", "the key 1, which is no text", 2),
        ("no: 1\nnull: 2", "the key null, which is no text", 2),
        ("? [a]\n: 1", "a key that is no text", 1),
        ("- a\n- !!python/name:os.system x", "the tag tag:yaml.org,2002:python/name:os.system", 2),
        ("!!set {a}", "the tag tag:yaml.org,2002:set", 1),
        ("!!int '5'", "the tag tag:yaml.org,2002:int", 1),
        ("<<: {a: 1}", "a merge key", 1),
        ("a: .inf", ".inf, which is not a JSON number", 1),
        ("a: .nan", ".nan, which is not a JSON number", 1),
        ("a: 1e999", "the number 1e999, which is out of range", 1),
        ("a: [1,", "no YAML", 2),
        ("a: *b", "the alias *b of nothing before it", 1),
        ("a: &a [*a]", "the alias *a of nothing before it", 1),
        ("a: 1\n---\nb: 2", "a second document", 2),
        ("[" * 200_000, "nested too deeply", 1),
        ("- " * 100_000, "nested too deeply", 1),
        ("a:\n\tb: 1", "no YAML", 2),
        ("a: 1\nb: \0", "no YAML", 2),
        ("b: " + "9" * 5_000, "out of range", 1),
        ("b: 0x" + "f" * 5_000, "out of range", 1),
        ("a: 1\nb: 'x\u2028y'", "the letter U.2028", 2),
        ("a: x\u0085b: y", "the letter U.0085", 1),
        ("a: 1\n\ufeffb: 2", "no YAML", 2),
        ("&k a: 1\n*k : 2", "a key that is no text", 2),
        ("%TAG ! tag:x:\n---\na: !b 1", "the tag tag:x:b", 3),
    ],
)
def test_what_could_be_read_in_two_ways_or_without_end_is_refused(
    text: str, found: str, line: int
) -> None:
    with pytest.raises(YamlTextError, match=found.replace("*", r"\*")) as caught:
        parse_yaml(text.encode())
    assert caught.value.line == line


def test_a_long_text_said_again_and_again_is_bounded() -> None:
    text = "a: &a " + "x" * 10_000 + "\nb: [" + ",".join(["*a"] * 7_000) + "]"
    with pytest.raises(YamlTextError, match="letters, aliases counted") as caught:
        parse_yaml(text.encode())
    assert caught.value.line == 2


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("\ufeffa: 1", {"a": 1}),
        ("a: |\r\n  x\r\n  y\r\nb: no\r\n", {"a": "x\ny\n", "b": "no"}),
        ("a:\t1 # one\n=: 2", {"a": 1, "=": 2}),
        ("a: [017, 0o17, 1_000, 1:30, 2026-11-01, yes]",
         {"a": [17, 15, "1_000", "1:30", "2026-11-01", "yes"]}),
        ("%YAML 1.1\n---\na: no", {"a": "no"}),
        ('a: "\\0\\L"', {"a": "\0\u2028"}),
        ("# nothing\n", None),
    ],
    ids=["bom", "crlf", "tab", "words", "version", "escapes", "comment"],
)  # fmt: skip
def test_what_real_files_hold_is_read_as_yaml_1_2_reads_it(text: str, value: object) -> None:
    assert parse_yaml(text.encode()).value == value


def test_bytes_that_are_no_utf_8_are_named_by_their_offset() -> None:
    with pytest.raises(YamlTextError, match="not UTF-8 at offset 3"):
        parse_yaml(b"a: \xff")


def test_aliases_stand_for_a_copy_of_what_was_said() -> None:
    value = parse_yaml(b"a: &x [1]\nb: *x\nc: *x").value
    assert value == {"a": [1], "b": [1], "c": [1]}
    assert value["b"] is not value["c"]


@pytest.mark.parametrize("wide", [True, False], ids=["wide", "deep"])
def test_aliases_of_aliases_are_bounded(*, wide: bool) -> None:
    text = "x0: &x0 " + ("[" + "1," * 9 + "1]" if wide else "[" * 60 + "]" * 60)
    for i in range(1, 12):
        inner = ",".join([f"*x{i - 1}"] * 10) if wide else "[" * 60 + f"*x{i - 1}" + "]" * 60
        text += f"\nx{i}: &x{i} [{inner}]"
    with pytest.raises(YamlTextError, match="more than"):
        parse_yaml(text.encode())


def test_every_value_has_its_line_and_a_missing_one_that_of_what_is_around_it() -> None:
    document = parse_yaml(b"- id: a\n  expect:\n    actions:\n    - name: pay\n- id: b\n")
    assert document.line_of((0, "expect", "actions", 0, "name")) == 4
    assert document.line_of((0, "expect", "forbid")) == 3
    assert document.line_of((1,)) == 5
