"""Bodies are unpacked as far as they may be held, whatever they say of themselves."""

from __future__ import annotations

import gzip
import zlib

import pytest

from dialgate.cases.recording import decoding
from dialgate.cases.recording.decoding import Decoder

TEXT = b"a text that is said twice, a text that is said twice"
GZIP = gzip.compress(TEXT, mtime=0)
RAW_DEFLATE = zlib.compress(TEXT)[2:-4]


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [("", TEXT), ("identity", TEXT), ("gzip", GZIP), ("GZIP ", GZIP),
     ("deflate", zlib.compress(TEXT)), ("deflate", RAW_DEFLATE)],
    ids=["unnamed", "identity", "gzip", "GZIP", "deflate", "raw deflate"],
)  # fmt: skip
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_body_is_unpacked_in_whatever_pieces_it_comes(
    encoding: str, packed: bytes, size: int
) -> None:
    decoder = Decoder(encoding)
    pieces = [packed[start : start + size] for start in range(0, len(packed), size)]
    assert b"".join(map(decoder.feed, pieces)) == TEXT
    assert decoder.problem == ""


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "x" * 100])
def test_an_encoding_that_nobody_reads_is_a_problem(encoding: str) -> None:
    decoder = Decoder(encoding)
    assert decoder.feed(TEXT) == b""
    assert decoder.problem.startswith("its encoding is")


def test_what_is_not_packed_as_it_says_is_a_problem() -> None:
    decoder = Decoder("gzip")
    assert decoder.feed(TEXT) == b""
    assert decoder.problem == "its bytes are not gzip"


def test_a_small_body_that_unpacks_to_a_huge_one_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(decoding, "MOST_BYTES", 10_000)
    decoder = Decoder("gzip")
    packed = gzip.compress(b"\0" * 10_000_000)
    found = [decoder.feed(packed[start : start + 100]) for start in range(0, len(packed), 100)]
    assert "larger than" in decoder.problem
    assert sum(map(len, found)) <= 10_000
