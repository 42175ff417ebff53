"""Review events that a runtime in Node writes are the events that dialgate reads."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from dialgate_runtime.events.words import DECISIONS_BY_MODE
from tests.integration.command_line import PROJECT, dialgate
from tests.workspaces import POLICY, RecordedSuite

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate_runtime import Mode

EXAMPLE = PROJECT / "examples/dial/review-events.mjs"
PAGE = PROJECT / "docs/how-to/feed-review-events.md"

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")


def node(folder: Path, code: str) -> str:
    head = f"import {{ ReviewLog }} from {json.dumps(str(EXAMPLE))};\n"
    command = ["node", "--input-type=module", "-e", head + code]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def an_event(**more: Any) -> dict[str, Any]:
    return {
        "task_id": "t1", "release": "2", "mode": "in_the_loop", "decision": "approved",
        "proposed": {"name": "send_mail", "arguments": {"id": "1"}}, **more,
    }  # fmt: skip


def written(folder: Path, *events: dict[str, Any]) -> list[bool]:
    code = (
        "const log = new ReviewLog('events.jsonl');"
        f"console.log(JSON.stringify({json.dumps(events)}.map((event) => log.write(event))));"
    )
    found: list[bool] = json.loads(node(folder, code))
    return found


def words() -> list[tuple[Mode, str]]:
    return [(mode, word.value) for mode, every in DECISIONS_BY_MODE.items() for word in every]


def test_every_decision_is_read_and_counted(tmp_path: Path) -> None:
    suite = RecordedSuite(tmp_path / "shop", refunds=2)
    suite.write_cases()
    suite.write("policy.toml", POLICY)
    corrected = {"name": "send_mail", "arguments": {"id": "2"}}
    events = [
        an_event(task_id=f"t{i}", mode=mode.value, decision=word, reviewer="Ada", review_s=3.5,
                 **({"corrected": corrected} if word == "edited" else {}))
        for i, (mode, word) in enumerate(words())
    ]  # fmt: skip
    assert written(tmp_path, *events) == [True] * len(events)
    found = dialgate("evidence", "shop", "events.jsonl", "--json", "-", folder=tmp_path)
    assert found.code == 0, found.err
    counts = json.loads(found.out)["events"]
    assert (counts["rows"], counts["counted"], counts["bad"]) == (len(events), len(events), 0)


@pytest.mark.parametrize(
    "more",
    [
        {"mode": "alone"},
        {"mode": "shadow"},
        {"decision": "edited"},
        {"task_id": ""},
        {"release": 2},
        {"proposed": {"name": "send_mail"}},
        {"proposed": {"name": "send_mail", "arguments": [], "more": 1}},
        {"occurred_at": "2026-11-01"},
        {"latency_ms": -1},
        {"review_s": "3"},
        {"canary": "yes"},
        {"source": "accept"},
        {"messages": "text"},
        {"another": 1},
        {"schema": 2},
    ],
    ids=str,
)
def test_what_is_no_event_is_lost_and_stops_nothing(tmp_path: Path, more: dict[str, Any]) -> None:
    assert written(tmp_path, an_event(**more), an_event()) == [False, True]
    (line,) = (tmp_path / "events.jsonl").read_text().splitlines()
    assert json.loads(line)["decision"] == "approved"


def test_a_loss_is_told_and_raises_where_that_is_wanted(tmp_path: Path) -> None:
    code = """
    const told = [];
    const log = new ReviewLog("no/folder/events.jsonl", { onLoss: (why) => told.push(why) });
    log.write(%s);
    let raised = 0;
    try { new ReviewLog("events.jsonl", { strict: true }).write({}); } catch { raised += 1; }
    console.log(JSON.stringify([log.lost, told.length, raised]));
    """
    assert json.loads(node(tmp_path, code % json.dumps(an_event()))) == [1, 1, 1]


def test_what_a_kill_cut_short_costs_one_line(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text('{"event_id": "cut')
    assert written(tmp_path, an_event(), an_event()) == [True, True]
    lines = path.read_text().splitlines()
    assert len(lines) == 3
    assert [json.loads(line)["task_id"] for line in lines[1:]] == ["t1", "t1"]


def test_nobody_else_may_read_the_file(tmp_path: Path) -> None:
    written(tmp_path, an_event())
    assert (tmp_path / "events.jsonl").stat().st_mode & 0o077 == 0


def test_several_processes_write_whole_lines(tmp_path: Path) -> None:
    code = (
        f"import {{ ReviewLog }} from {json.dumps(str(EXAMPLE))};"
        "const log = new ReviewLog('events.jsonl');"
        f"const event = {json.dumps(an_event(reason='x' * 2000))};"
        "for (let i = 0; i < 100; i += 1) log.write(event);"
    )
    command = ["node", "--input-type=module", "-e", code]
    running = [subprocess.Popen(command, cwd=tmp_path) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    text = (tmp_path / "events.jsonl").read_text()
    # Who looks at the end while another writes may begin with a line feed more: readers skip those.
    lines = [json.loads(line) for line in text.splitlines() if line]
    assert len({line["event_id"] for line in lines}) == 300


def test_the_page_shows_the_two_lines() -> None:
    text = PAGE.read_text("utf-8")
    for line in EXAMPLE.read_text("utf-8").splitlines()[2:4]:
        assert line.removeprefix("//").strip() in text
