"""A file's lines are read some at a time: each value, number and error as if one by one."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from dialgate_evals.files.json_lines import json_lines_of, read_json_lines

GOOD = [b'{"a": 1}', b'{"b":{"c":[1.0,null]}}', b"{}", b'{"\xc3\xa4":"\xe2\x80\xa8"}']
ODD = [
    b"", b"  ", b"\r", b"1", b"[]", b'{"a":1,"a":2}', b'{"a": NaN}', b'{"a":\xff}', b'{"a":1',
    b'"b":2}', b'{"a":1}{"b":2}', b'{"\\u003a":1}', b'{"a":1}\r', b'\xef\xbb\xbf{"a":1}',
    b'{"a":' * 101 + b"1" + b"}" * 101, b'{"long":"' + b"x" * 40_000 + b'"}',
]  # fmt: skip


@given(st.lists(st.sampled_from(GOOD + ODD), max_size=8), st.booleans())
@example([*GOOD, ODD[-1], ODD[-1], *GOOD, *ODD, *GOOD], True)
@example([*GOOD * 3000, b'{"a":1', *GOOD], False)
def test_lines_of_a_file_are_read_as_one_by_one(lines: list[bytes], ended: bool) -> None:
    raw = b"\n".join(lines) + (b"\n" if ended else b"")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.jsonl"
        path.write_bytes(raw)
        with path.open("rb") as file:
            singly = [(number, repr(found)) for number, found in json_lines_of(file.readline)]
        assert [(number, repr(found)) for number, found in read_json_lines(path)] == singly
