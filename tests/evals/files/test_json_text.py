"""JSON beyond the common ways to be wrong: depth, size, hostile lines, one canonical text.

What strict JSON refuses otherwise is in `test_reading_text.py`.
"""

from __future__ import annotations

import json
import tracemalloc
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dialgate_evals.files.json_lines import parse_json_lines, read_json_lines
from dialgate_evals.files.json_text import (
    DEPTH_LIMIT,
    LINE_LIMIT_BYTES,
    JsonTextError,
    canonical_json,
    canonical_parsed,
    digest_of,
    digest_of_bytes,
    json_line,
    parse_json,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

numbers = st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | numbers | st.text(st.characters(), max_size=5)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def nested(levels: int, kind: str) -> bytes:
    opening, closing = {"list": ("[", "]"), "object": ('{"a":', "}"), "both": ('[{"a":', "}]")}[
        kind
    ]
    pairs = levels // 2 if kind == "both" else levels
    return (opening * pairs + "1" + closing * pairs).encode()


class TestDepth:
    """Data is at most DEPTH_LIMIT levels deep, on every version of Python alike."""

    @pytest.mark.parametrize("kind", ["list", "object", "both"])
    def test_data_at_the_limit_is_read_and_written(self, kind: str) -> None:
        raw = nested(DEPTH_LIMIT, kind)
        assert canonical_json(parse_json(raw)).encode() == raw

    @pytest.mark.parametrize("levels", [DEPTH_LIMIT + 2, 500, 950, 5000, 200_000])
    @pytest.mark.parametrize("kind", ["list", "object", "both"])
    def test_deeper_data_is_refused(self, kind: str, levels: int) -> None:
        with pytest.raises(JsonTextError, match="nested too deeply"):
            parse_json(nested(levels, kind))

    def test_brackets_in_text_and_in_breadth_are_no_depth(self) -> None:
        wide = [[], {}, "[" * 1000] * 1000
        assert parse_json(json.dumps(wide).encode()) == wide


LINES = st.lists(
    values.map(lambda value: json.dumps(value).encode())
    | st.sampled_from(
        [b"", b"1,2", b'{"a":1', b'"b":2}', b'{"a":1,"a":2}', b"NaN", b"\xff", b"{} {}", b"{},{}",
         b'{"a":{}', b"{}}", b'{"a":' * 101 + b"1" + b"}" * 101, b'{"\\u003a":1}', b'{"a":1e999}',
         b' {"a" : [ 1.50 ] } ', b'{"a":"}', b'{"}', b"{}"]
    ),
    max_size=4,
)  # fmt: skip


@given(LINES)
def test_lines_are_read_together_as_they_are_one_by_one(lines: list[bytes]) -> None:
    def read(some: Iterable[Any]) -> list[Any]:
        found = []
        try:
            for value in some:
                found.append(value)
        except JsonTextError as error:
            found.append(str(error))
        return found

    assert read(parse_json_lines(lines)) == read(map(parse_json, lines))


class TestCanonicalText:
    """Equal data has one text; unequal data has two."""

    @given(values)
    def test_it_is_ascii_json_of_the_same_data(self, value: Any) -> None:
        text = canonical_json(value)
        assert text.isascii()
        assert canonical_json(json.loads(text)) == text

    @given(values, values)
    def test_texts_are_equal_only_where_the_data_is(self, one: Any, other: Any) -> None:
        if canonical_json(one) == canonical_json(other):
            assert one == other

    @pytest.mark.parametrize(
        ("one", "other"),
        [(1, 1.0), (0, -0.0), (10**16, 1e16), ({"a": 1, "b": 2}, {"b": 2, "a": 1}), ((1,), [1])],
    )
    def test_equal_data_has_one_text(self, one: Any, other: Any) -> None:
        assert canonical_json(one) == canonical_json(other)
        assert digest_of(one) == digest_of(other)

    @given(st.sampled_from([1.0, -2.0, -0.0, 1e16, 1.5e300, 2.0**70]), st.integers(0, 4))
    def test_a_whole_float_is_written_as_the_whole_number_wherever_it_stands(
        self, number: float, place: int
    ) -> None:
        def around(value: Any) -> Any:
            forms = (value, [value], [0, value], {"a": value}, {"a": [value, "x:1.0,"], "b": 0.5})
            return forms[place]

        assert canonical_json(around(number)) == canonical_json(around(int(number)))

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (True, 1), (False, 0), ([True], [1.0]), ("1", 1), (None, "null"), ([], {}),
            (0.1, 0.1000001), (2**53, 2**53 + 1), (10**22 + 1, 1e22), ("é", "e\u0301"),
            ([1, 2], [2, 1]),
        ],
    )  # fmt: skip
    def test_unequal_data_has_two(self, one: Any, other: Any) -> None:
        assert canonical_json(one) != canonical_json(other)
        assert digest_of(one) != digest_of(other)

    def test_a_lone_surrogate_can_be_digested(self) -> None:
        assert canonical_json("\ud800") == '"\\ud800"'
        assert digest_of("\ud800") != digest_of("\udfff")

    def test_a_digest_is_the_sha256_of_the_text(self) -> None:
        # Published by NIST for the empty message.
        empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        assert digest_of_bytes(b"") == empty
        assert digest_of({"a": 1.0}) == digest_of_bytes(b'{"a":1}')

    def test_large_numbers_are_written_out(self) -> None:
        assert canonical_json(1e308) == str(int(1e308))
        assert canonical_json(10**4000) == "1" + "0" * 4000

    @pytest.mark.parametrize(
        "value",
        [float("nan"), [float("inf")], 10**5000, object(), {"a": {1}}, b"", {(1, 2): 3}],
        ids=["NaN", "infinity", "digits", "object", "set", "bytes", "key"],
    )
    def test_what_is_no_json_data_is_said_to_be(self, value: Any) -> None:
        with pytest.raises(JsonTextError):
            canonical_json(value)

    def test_data_without_end_is_said_to_be(self) -> None:
        circle: list[Any] = []
        circle.append(circle)
        deep: list[Any] = []
        for _ in range(100_000):
            deep = [deep]
        for value in (circle, deep):
            with pytest.raises(JsonTextError, match="nested too deeply"):
                digest_of(value)


@given(st.binary(max_size=40))
def test_any_bytes_are_json_data_or_a_json_text_error(raw: bytes) -> None:
    with suppress(JsonTextError):
        value = parse_json(raw)
        assert json.loads(canonical_json(value)) == value


@given(values, st.integers(0, 30))
def test_truncated_text_is_never_another_value(value: Any, cut: int) -> None:
    raw = json.dumps([value]).encode()
    cut = min(cut, len(raw) - 1)
    with pytest.raises(JsonTextError):
        parse_json(raw[:cut])


def test_a_huge_key_is_not_repeated_in_the_message() -> None:
    key = "k" * 10_000
    with pytest.raises(JsonTextError) as caught:
        parse_json(f'{{"{key}": 1, "{key}": 2}}'.encode())
    assert len(str(caught.value)) < 200


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert parse_json(b"\xef\xbb\xbf{}") == {}


class TestLines:
    """One value a line; a bad line costs itself only."""

    def test_a_line_of_100_mb_is_skipped_in_bounded_memory(self, tmp_path: Path) -> None:
        path = tmp_path / "x.jsonl"
        with path.open("wb") as file:
            file.write(b'{"a": 1}\n')
            file.seek(100 * 2**20, 1)  # a hole: no disk is used
            file.write(b'"\n{"b": 2}\n')
        tracemalloc.start()
        try:
            lines = list(read_json_lines(path))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert [number for number, _ in lines] == [1, 2, 3]
        assert "over 16 MiB" in str(lines[1][1])
        assert (lines[0][1], lines[2][1]) == ({"a": 1}, {"b": 2})
        assert peak < 4 * LINE_LIMIT_BYTES

    def test_the_last_line_may_be_over_the_limit_and_unended(self, tmp_path: Path) -> None:
        path = tmp_path / "x.jsonl"
        with path.open("wb") as file:
            file.write(b"1\n")
            file.seek(LINE_LIMIT_BYTES + 1, 1)
            file.write(b"1")
        lines = list(read_json_lines(path))
        assert lines[0] == (1, 1)
        assert isinstance(lines[1][1], JsonTextError)
        assert len(lines) == 2

    @pytest.mark.parametrize(
        ("line", "found"),
        [
            (b'{"a": 1, "a": 2}', "twice"),
            (b"NaN", "NaN"),
            (b"1e999", "out of range"),
            (b"\xff", "UTF-8"),
            (b'{"a": ', "not JSON"),
            (nested(5000, "list"), "nested too deeply"),
            (b"{} {}", "not JSON"),
        ],
    )
    def test_the_lines_around_a_bad_one_are_read(
        self, tmp_path: Path, line: bytes, found: str
    ) -> None:
        path = tmp_path / "x.jsonl"
        path.write_bytes(b"1\r\n\n" + line + b"\n2")
        first, bad, last = read_json_lines(path)
        assert (first, last) == ((1, 1), (4, 2))
        assert bad[0] == 3
        assert found in str(bad[1])

    def test_an_empty_file_has_no_lines(self, tmp_path: Path) -> None:
        path = tmp_path / "x.jsonl"
        path.touch()
        assert list(read_json_lines(path)) == []

    def test_a_missing_file_is_an_os_error(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            list(read_json_lines(tmp_path / "none"))


@given(values)
@example({"a": [1.0, 1e22, -0.0, 1e-7, 0.00001, 123456789012345680.0]})
@example(["\x7f\x1f\u2028", "\ud800", "3e5", ":1.5", 2**64])
def test_the_fast_canonical_writer_writes_the_same(value: object) -> None:
    assert canonical_parsed(value) == canonical_json(value)


@given(values)
@example(["\ud800"])
def test_a_json_line_reads_back(value: object) -> None:
    line = json_line(value)
    assert line.count(b"\n") == 1
    assert parse_json(line) == value


pieces = st.sampled_from(
    ['"a"', '"b"', '":"', '"\\u003a"', '"\\u0061"', '"\\\\u003a"', '"\\ud800"', "1", "-0", "1.0"]
)


@st.composite
def objects_as_text(draw: st.DrawFn) -> str:
    """JSON text of objects whose keys and strings may be equal in any spelling."""
    inner = st.recursive(
        pieces,
        lambda items: st.lists(st.tuples(pieces, items), max_size=3).map(_as_object),
        max_leaves=6,
    )
    return draw(st.lists(st.tuples(pieces, inner), min_size=1, max_size=4).map(_as_object))


def _as_object(pairs: list[tuple[str, str]]) -> str:
    keys = (key if key.startswith('"') else f'"{key}"' for key, _ in pairs)
    return "{" + ", ".join(f"{key}: {pair[1]}" for key, pair in zip(keys, pairs, strict=True)) + "}"


@given(objects_as_text())
@example('{"a": 1, "a": 2, "b": "\\u003a"}')
@example('{"a": {"b": ":"}, "a": ":::"}')
@example('{"a": 1, "\\u0061": 1}')
def test_an_object_is_read_exactly_where_each_key_stands_once(text: str) -> None:
    seen: list[list[str]] = []

    def keep(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        seen.append([key for key, _ in pairs])
        return dict(pairs)

    expected = json.loads(text, object_pairs_hook=keep)
    if all(len(keys) == len(set(keys)) for keys in seen):
        assert repr(parse_json(text.encode())) == repr(expected)
    else:
        with pytest.raises(JsonTextError, match="twice in one object"):
            parse_json(text.encode())


def any_number_as_text() -> st.SearchStrategy[str]:
    digits = st.text("0123456789", min_size=1, max_size=25)
    return st.builds(
        "{}{}.{}e{}".format, st.sampled_from(["", "-"]), digits, digits, st.integers(-330, 310)
    ) | st.integers(-(10**40), 10**40).map(str)


@given(any_number_as_text())
@example("-0")
@example("1e999")
@example("2.2250738585072011e-308")
def test_a_number_is_the_one_that_python_reads(text: str) -> None:
    try:
        expected = json.loads(text)
    except ValueError:
        expected = None
    if expected is None or expected in (float("inf"), float("-inf")):
        with pytest.raises(JsonTextError):
            parse_json(text.encode())
    else:
        assert repr(parse_json(text.encode())) == repr(expected)
