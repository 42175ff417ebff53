"""A place says as fields which file it is in and what lies inside: nobody reads its text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.importing.formats import inspect_logs, openai_chat
from dialgate_evals.importing.found import Conversation, Left, Place
from dialgate_evals.importing.reading.documents import read_documents

if TYPE_CHECKING:
    from pathlib import Path


def test_a_document_knows_its_file_and_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a: line 7.jsonl"
    path.write_text('{"role": "user", "content": "x"}\n' * 2)
    documents = [item for item in read_documents(path) if not isinstance(item, Left)]
    assert [place.inside for place, _ in documents] == ["line 1", "line 2"]
    assert {place.file for place, _ in documents} == {documents[0][0].file}
    assert documents[1][0] == f"{documents[0][0].file}: line 2"
    (found,) = openai_chat.FORMAT.read(documents)
    assert isinstance(found, Conversation)
    assert found.id == "a: line 7.jsonl"


def test_only_parts_of_an_archive_that_have_no_samples_are_passed_over() -> None:
    log: dict[str, dict[str, str]] = {"eval": {}, "plan": {}}
    left = {
        inside: list(inspect_logs.FORMAT.read([(Place("run.eval", inside), log)]))
        for inside in ("header.json", "_journal/summaries/1.json", "samples/header.json.json")
    }
    assert [bool(found) for found in left.values()] == [False, False, True]
