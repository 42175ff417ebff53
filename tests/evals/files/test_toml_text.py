"""The line of every key in a TOML file, whatever stands in its values."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.files.toml_text import TomlTextError, parse_toml

CONFUSING = '''
a = [
  ["/x", "/y"]
]
b = """
[gate]
alpha = 1
"""
# a comment with a line separator \u2028 in it
c = 'x' # [ "
d = {e = [
 1], f = "]"}
g = \'\'\'
it's [ ]\'\'\'\'
"quoted.key" = 1
[gate]
long = """x\\""""" # two quotes at the end
alpha = "#" # "
[[q]]
case = 1
[q.sub]
z = 1
[[q]]
[q.sub]
z = 2
[[q.w]]
[[q.w]]
v = 2
'''

PLACES: dict[tuple[str | int, ...], str] = {
    ("b",): 'b = """',
    ("c",): "c = 'x' # [ \"",
    ("d", "f"): "d = {e = [",
    ("g",): "g = '''",
    ("quoted.key",): '"quoted.key" = 1',
    ("gate",): "[gate]",
    ("gate", "long"): 'long = """x\\""""" # two quotes at the end',
    ("gate", "alpha"): 'alpha = "#" # "',
    ("q", 0, "case"): "case = 1",
    ("q", 0, "sub", "z"): "z = 1",
    ("q", 1, "sub", "z"): "z = 2",
    ("q", 1, "w", 1, "v"): "v = 2",
}


@pytest.mark.parametrize("path", PLACES, ids=str)
def test_a_keys_line_is_found(path: tuple[str | int, ...]) -> None:
    line = parse_toml(CONFUSING.encode()).line_of(path)
    assert line is not None
    assert CONFUSING.split("\n")[line - 1] == PLACES[path]


def test_headers_inside_a_value_are_no_tables() -> None:
    text = 'a = """\n[gate]\nalpha = 1\n"""\n'
    assert parse_toml(text.encode()).line_of(("gate", "alpha")) is None


def test_lines_of_windows_are_counted_once() -> None:
    assert parse_toml(b"a = 1\r\n[t]\r\nb = 2\r\n").line_of(("t", "b")) == 3


words = st.text("ab\"'[]#{}=\\ \t\u2028é", max_size=8)
long_texts = st.lists(st.text("ab[]#{}= ", max_size=8), min_size=1, max_size=3)


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, dict[str, int]]:
    """TOML of keys k0, k1, …, each with a value that may span lines, and the line of each."""
    lines: list[str] = []
    places: dict[str, int] = {}
    for index in range(draw(st.integers(1, 5))):
        places[f"k{index}"] = len(lines) + 1
        text = draw(words)
        basic = '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'
        literal = f"'{text.replace(chr(39), '')}'"
        spanning = draw(long_texts)
        value = draw(
            st.sampled_from(
                [
                    [basic], [literal], [f"[{basic},", f"  [{literal}]", "] # ]"],
                    ['"""', *spanning, '"""'], ["'''", *spanning, "'''"], [f"{{x = [{basic}]}}"],
                ]
            )
        )  # fmt: skip
        lines += [f"k{index} = {value[0]}", *value[1:]]
    return "\n".join(lines), places


@given(documents())
def test_values_never_hide_or_make_keys(drawn: tuple[str, dict[str, int]]) -> None:
    text, places = drawn
    document = parse_toml(text.encode())
    assert {key: document.line_of((key,)) for key in tomllib.loads(text)} == places


@given(st.text(max_size=60))
def test_any_text_is_read_as_tomllib_does_or_named(text: str) -> None:
    try:
        expected: Any = tomllib.loads(text.removeprefix("\ufeff"))
    except (tomllib.TOMLDecodeError, ValueError):
        expected = None
    try:
        found: Any = parse_toml(text.encode("utf-8", "surrogatepass")).values
    except TomlTextError:
        assert expected is None or re.search(r"nan|inf", text)
    else:
        assert found.keys() == expected.keys()


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"a = ", "not TOML"),
        (b"\xff", "not UTF-8 at offset 0"),
        (b"a = nan", "not finite"),
        (b"a = {b = [-inf]}", "not finite"),
        (b"a = " + b"[" * 50_000, "nested too deeply"),
        (b"a = " + b"1" * 5000, "number"),
    ],
    ids=lambda value: ascii(value)[:20],
)
def test_what_cannot_be_used_is_named(raw: bytes, found: str) -> None:
    with pytest.raises(TomlTextError, match=found):
        parse_toml(raw)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"a = 2026-11-01T09:00:00Z", "2026-11-01T09:00:00+00:00"),
        (b"a = 2026-11-01", "2026-11-01"),
        (b"a = 09:00:00", "09:00:00"),
    ],
)
def test_dates_become_text(raw: bytes, text: str) -> None:
    assert parse_toml(raw).values == {"a": text}
