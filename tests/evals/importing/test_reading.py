"""What stands in a file is read in pieces, however it is packed, and says where it breaks off."""

from __future__ import annotations

import gzip
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import zstandard

from dialgate.cases.imported_suite import ImportRequest, import_suite
from dialgate_evals.importing.apart import Apart
from dialgate_evals.importing.exchanges import longest
from dialgate_evals.importing.found import Conversation, Left
from dialgate_evals.importing.reading.documents import read_documents
from dialgate_evals.importing.seen_cases import SeenCases
from tests.evals.importing.imports import a_call, answer, calls, lines, user

READING = "dialgate_evals.importing.reading"
REAL = Path(__file__).parent / "real_files/written"


def read(path: Path) -> tuple[list[Any], list[Left]]:
    found = list(read_documents(path))
    return [item[1] for item in found if not isinstance(item, Left)], [
        item for item in found if isinstance(item, Left)
    ]


@pytest.mark.parametrize(
    "pack", [gzip.compress, zstandard.compress, bytes], ids=["gzip", "zstd", "plain"]
)
def test_packed_lines_are_lines(tmp_path: Path, pack: Any) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(pack(b'{"a": 1}\n{"a": 2}\n'))
    assert read(path) == ([{"a": 1}, {"a": 2}], [])


def test_a_packed_file_that_breaks_off_gives_what_came_before(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl.gz"
    whole = gzip.compress(b"".join(b'{"a": %d}\n' % n for n in range(90_000)), compresslevel=0)
    path.write_bytes(whole[:-100_000])
    documents, (left,) = read(path)
    assert len(documents) > 1_000
    assert "breaks off" in left.what


@pytest.fixture
def small_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{READING}.documents.DOCUMENT_LIMIT_BYTES", 400)
    monkeypatch.setattr(f"{READING}.json_parts.DOCUMENT_LIMIT_BYTES", 400)
    monkeypatch.setattr(f"{READING}.json_parts._CHUNK", 64)


@pytest.mark.usefixtures("small_documents")
def test_an_object_that_is_too_large_comes_as_the_elements_of_its_long_list(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    simulations = [{"id": n, "text": ']}\\"' * 9} for n in range(40)]
    path.write_text(json.dumps({"info": {"a": 1}, "simulations": simulations, "z": []}, indent=1))
    documents, left = read(path)
    assert documents == [{"info": {"a": 1}, "simulations": [one]} for one in simulations]
    assert left == []


@pytest.mark.usefixtures("small_documents")
@pytest.mark.parametrize(
    ("text", "found"),
    [
        (json.dumps({"info": "x" * 500}), "a list that breaks off"),
        (json.dumps({"samples": [{"n": "x" * 300}] * 3})[:-30], "a list that breaks off"),
        ('{"a": 1, "a": 2, "samples": [' + "1," * 300 + "1]}", 'the key "a" twice'),
        ('{"a" 1, "samples": [' + "1," * 300 + "1]}", "no value behind it"),
        ('{"a": ' + "[" * 600, "a list that breaks off"),
    ],
)
def test_a_large_object_says_where_it_breaks_off(tmp_path: Path, text: str, found: str) -> None:
    path = tmp_path / "log.json"
    path.write_text(text, encoding="utf-8")
    _, left = read(path)
    assert found in left[-1].what


def test_an_entry_of_an_archive_that_is_damaged_is_the_only_one_that_is_lost(
    tmp_path: Path,
) -> None:
    source = REAL / "inspect/eval.eval"
    with zipfile.ZipFile(source) as archive:
        entries = [entry for entry in archive.infolist() if entry.filename.endswith(".json")]
    assert {entry.compress_type for entry in entries} == {93}, "Zstandard, as Inspect writes today"
    raw = bytearray(source.read_bytes())
    middle = entries[3].header_offset + 30 + len(entries[3].filename) + 40
    raw[middle : middle + 8] = b"\xff" * 8
    damaged = tmp_path / "damaged.eval"
    damaged.write_bytes(raw)
    documents, (left,) = read(damaged)
    assert len(documents) == len(entries) - 1
    assert entries[3].filename in left.place


def test_protobuf_without_its_extra_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.proto.trace.v1.trace_pb2", None)
    _, (left,) = read(REAL / "otlp/openai-v2/openai-v2.binpb")
    assert 'pip install "dialgate[otlp]"' in left.why


@pytest.mark.parametrize(
    "raw",
    [b"\0\0\0\5ab", b"\x0a\xff\xff\xff\xff\xff\xff\x01", b"\x00\xff\xff\xff\xff",
     b"\x7fELF\x02\x01", b"\x0a\x03\x01\x02\x03\x0a", b"\x00\x00\x00\x00\x01"],
)  # fmt: skip
def test_bytes_that_are_no_otlp_are_told_of(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "x.binpb"
    path.write_bytes(raw)
    _, left = read(path)
    assert left, "nothing was said"


def test_rows_that_are_no_table_are_told_of(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b'input,expected_tools\nhi,"[{""name"": ""f""}]"\na,b,c\n"x\n')
    documents, left = read(path)
    assert documents == [{"input": "hi", "expected_tools": [{"name": "f"}]}]
    assert [one.what.split()[0] for one in left] == ["a", "a"]


def test_answers_of_a_batch_without_their_requests_are_listed(tmp_path: Path) -> None:
    said = {"choices": [{"message": calls(a_call("refund", {"id": "R-1"}))}]}
    asked = lines(tmp_path / "in.jsonl", {"custom_id": "a", "body": {"messages": [user("hi")]}})
    got = lines(tmp_path / "out.jsonl", *({"custom_id": id_, "response": {"body": said}}
                                          for id_ in "ab"))  # fmt: skip
    request = ImportRequest(sources=(got, asked), format=None, out=None)
    document = import_suite(request)
    assert document["cases"] == 1
    (left,) = document["left"]
    assert left["what"] == "1 answers of a batch, the first of b"


def conversation(*messages: Any, asked: int) -> Conversation:
    return Conversation(id="c", place="p", messages=list(messages), asked=asked)


def test_two_conversations_that_begin_alike_stay_two() -> None:
    ask, done = user("Refund it"), {"role": "assistant", "content": "Done."}
    talks = [
        conversation(ask, calls(a_call("get", {}, "a")), asked=1),
        conversation(ask, calls(a_call("get", {}, "b")), asked=1),
        conversation(ask, calls(a_call("get", {}, "a")), answer("1", "a"), done, asked=3),
        conversation(ask, calls(a_call("get", {}, "b")), answer("2", "b"), done, asked=3),
    ]
    found = [one for one in longest(talks) if isinstance(one, Conversation)]
    assert [one.messages for one in found] == [talk.messages for talk in talks[2:]]


def test_a_subagents_conversation_of_a_trace_stays_apart() -> None:
    trace = Apart("p")
    outer = conversation(user("Do both"), calls(a_call("delegate", {}), a_call("pay", {})), asked=1)
    inner = conversation(user("Look"), calls(a_call("look", {})), asked=1)
    for one in (conversation(user("Do both"), asked=1), outer, None, inner, outer):
        trace.add(one)
    assert [one.messages for one in trace.found()] == [outer.messages, inner.messages]
    assert trace.count == 5


def test_ids_are_given_once() -> None:
    seen = SeenCases()
    ids = []
    for number, wanted in enumerate(["a", "a-2", "a", "a", "b", "a-2"]):
        ids.append(seen.free_id(wanted))
        seen.keep(str(number), ids[-1], "e")
    assert ids == ["a", "a-2", "a-3", "a-4", "b", "a-2-2"]
    assert seen.before("2") == ("a-3", "e")
    assert seen.before("x") is None
