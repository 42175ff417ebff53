"""A found case is the suite's once a person took it, and not before."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest

from dialgate.cases.accepting.found.decisions import FoundWord, decisions_file
from dialgate.cases.accepting.found.found_view import view_found
from dialgate.cases.accepting.found.queue import FoundQueue
from dialgate.cases.accepting.refusing import OvertakenError, RefusedError
from dialgate.runs.fuzzing.found_files import trials_file
from dialgate_evals.errors import ConfigurationError
from dialgate_evals.suite.workspace import load_workspace
from tests.workspaces import RecordedSuite, a_case, a_refund, write_lines

if TYPE_CHECKING:
    from pathlib import Path

TAKE, LEAVE = FoundWord.TAKE, FoundWord.LEAVE


def a_found_case(number: int, **more: Any) -> dict[str, Any]:
    source = {
        "relation": "typos", "parent": "A-1", "seed": f"typos/A-1/{number}", "altered": "a typo",
        "keeps": "the same actions",
    }  # fmt: skip
    case = a_case(f"A-1-typos-{number}", [a_refund("A-1")])
    return {**case, "origin": "fuzzed", "source": source, **more}


def found_file(folder: Path, *cases: dict[str, Any]) -> Path:
    path = folder / "found" / "found.jsonl"
    path.parent.mkdir(exist_ok=True)
    write_lines(path, cases or (a_found_case(1), a_found_case(2)))
    return path


def a_queue(folder: Path, path: Path, reviewer: str = "Ada") -> FoundQueue:
    shop = folder / "shop"
    if not shop.exists():
        RecordedSuite(shop, refunds=1)
    workspace = load_workspace(shop)
    return FoundQueue(
        workspace=workspace, release=workspace.release(), path=path, reviewer=reviewer,
        folder=folder / "decided", now=lambda: dt.datetime(2026, 11, 1, 8, tzinfo=dt.UTC),
    )  # fmt: skip


def test_a_taken_case_is_written_with_who_accepted_it_and_the_others_are_not(
    tmp_path: Path,
) -> None:
    path = found_file(tmp_path, *(a_found_case(number) for number in range(3)))
    queue = a_queue(tmp_path, path)
    one, two, _ = queue.items
    queue.decide(one.digest, TAKE, seen=None)
    queue.decide(two.digest, LEAVE, seen=None)
    done = queue.finish()
    assert (done["taken"], done["left"]) == ([one.case.id], [two.case.id])
    assert done["open"] == [queue.items[2].case.id]
    known = load_workspace(tmp_path / "shop").cases_by_id
    assert two.case.id not in known
    source = known[one.case.id].source
    assert source is not None
    assert (source["accepted_by"], source["accepted_at"]) == ("Ada", "2026-11-01T08:00:00Z")
    assert a_queue(tmp_path, path).finish()["taken"] == []


def test_a_word_is_on_disk_at_once_and_can_be_taken_back(tmp_path: Path) -> None:
    path = found_file(tmp_path)
    queue = a_queue(tmp_path, path)
    digest = queue.items[0].digest
    queue.decide(digest, TAKE, seen=None)
    again = a_queue(tmp_path, path)
    assert again.mine()[digest].word is TAKE
    with pytest.raises(OvertakenError):
        again.decide(digest, LEAVE, seen=None)
    again.decide(digest, None, seen="take")
    assert queue.mine() == {}
    assert queue.finish()["open"] == [item.case.id for item in queue.items]


def test_what_one_takes_and_another_leaves_waits(tmp_path: Path) -> None:
    path = found_file(tmp_path)
    for reviewer, word in (("Ada", TAKE), ("Bob", LEAVE)):
        queue = a_queue(tmp_path, path, reviewer)
        queue.decide(queue.items[0].digest, word, seen=None)
    assert queue.finish()["contested"] == [queue.items[0].case.id]
    assert len(load_workspace(tmp_path / "shop").cases) == 1


def test_another_version_of_a_case_is_undecided(tmp_path: Path) -> None:
    path = found_file(tmp_path)
    queue = a_queue(tmp_path, path)
    queue.decide(queue.items[0].digest, TAKE, seen=None)
    found_file(tmp_path, a_found_case(1, tags=["other"]))
    assert a_queue(tmp_path, path).mine() == {}


def test_a_case_that_the_suite_could_not_hold_is_refused_before_anything_is_kept(
    tmp_path: Path,
) -> None:
    wrong = {"actions": [{"name": "no_such_tool", "arguments": {}}]}
    queue = a_queue(tmp_path, found_file(tmp_path, a_found_case(1, expect=wrong)))
    with pytest.raises(RefusedError, match="no_such_tool"):
        queue.decide(queue.items[0].digest, TAKE, seen=None)
    assert queue.mine() == {}


@pytest.mark.parametrize(
    "text", ["", "[]", '{"schema": 1}', '{"schema":1,"found":"Ada","decisions":[{}]}']
)
def test_a_damaged_file_of_words_is_refused(tmp_path: Path, text: str) -> None:
    queue = a_queue(tmp_path, found_file(tmp_path))
    queue.folder.mkdir()
    decisions_file(queue.folder, "Ada").write_text(text)
    with pytest.raises(ConfigurationError):
        queue.finish()


def test_what_is_shown_says_where_it_is_from_and_what_the_agent_did(tmp_path: Path) -> None:
    case = a_found_case(1)
    path = found_file(tmp_path, case, a_found_case(2))
    did = {"role": "assistant", "content": "No.\x1b[2J"}
    trial = {"case_id": case["id"], "trial": 0, "messages": [*case["messages"], did]}
    trials_file(path).write_text(json.dumps(trial) + "\nnot json\n")
    queue = a_queue(tmp_path, path)
    shown = view_found(queue, 0)
    assert shown["from"]["relation"] == "typos"
    assert shown["from"]["seed"] == "typos/A-1/1"
    assert [step["text"] for step in shown["steps"]] == ["No.\\x1b[2J"]
    assert view_found(queue, 1)["steps"] is None
