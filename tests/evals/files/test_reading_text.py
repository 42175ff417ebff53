"""JSON and TOML as this project reads them: strict, bounded, with a place for every problem."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.files.json_lines import read_json_lines
from dialgate_evals.files.json_text import (
    JsonTextError,
    canonical_json,
    digest_of,
    parse_json,
)
from dialgate_evals.files.toml_text import TomlTextError, parse_toml

if TYPE_CHECKING:
    from pathlib import Path

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b'{"a": 1, "a": 2}', 'the key "a" twice'),
        (b'{"a": {"b": 1, "b": 1}}', 'the key "b" twice'),
        (b"\xff", "not UTF-8 at offset 0"),
        (b'{"a": 1', "not JSON"),
        (b"", "not JSON"),
        (b"[" * 200_000, "nested too deeply"),
        (b"NaN", "NaN"),
        (b"[-Infinity]", "-Infinity"),
        (b"1e999", "out of range"),
        (b"1" * 5000, "a number that can't be read"),
    ],
    ids=lambda value: str(value[:16]),
)
def test_what_is_no_strict_json_is_named(raw: bytes, found: str) -> None:
    with pytest.raises(JsonTextError, match=found):
        parse_json(raw)


@given(values)
def test_what_is_written_is_read_back(value: Any) -> None:
    assert parse_json(json.dumps(value).encode()) == value
    assert json.loads(canonical_json(value)) == value


@given(st.dictionaries(st.text(), st.integers(), max_size=5))
def test_equal_data_has_one_digest(value: dict[str, int]) -> None:
    turned = dict(reversed(list(value.items())))
    assert digest_of(value) == digest_of(turned)
    assert digest_of(value) == digest_of(
        {key: float(n) if abs(n) < 2**50 else n for key, n in value.items()}
    )


def test_true_and_one_have_different_digests() -> None:
    assert len({digest_of(value) for value in (True, 1, "1", None, [1])}) == 5


def test_a_line_over_the_limit_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    with path.open("wb") as file:
        file.write(b"{}\n")
        for _ in range(20):
            file.write(b"x" * 2**20)
        file.write(b"\n\n[1]\n{")
    lines = list(read_json_lines(path))
    assert lines[0] == (1, {})
    assert "over 16 MiB" in str(lines[1][1])
    assert lines[2] == (4, [1])
    assert isinstance(lines[3][1], JsonTextError)


TOML = b"""schema = 1
[gate]
alpha = 0.05  # shared

[gate.class."refund.small"]
margin = 0.1
[[quarantine]]
case = "a"
[[quarantine]]
case = "b"
until = 2026-11-23
"""


def test_every_key_of_toml_has_its_line() -> None:
    document = parse_toml(TOML)
    assert document.line_of(("gate", "alpha")) == 3
    assert document.line_of(("gate", "class", "refund.small", "margin")) == 6
    assert document.line_of(("quarantine", 1, "case")) == 10
    assert document.line_of(("gate", "missing")) == 2
    assert document.line_of(()) is None
    assert document.values["quarantine"][1]["until"] == "2026-11-23"


@pytest.mark.parametrize("raw", [b"a = ", b"\xff", b"a = nan", b"a = [inf]", b"a = 1\na = 2"])
def test_what_is_no_toml_is_named(raw: bytes) -> None:
    with pytest.raises(TomlTextError):
        parse_toml(raw)
