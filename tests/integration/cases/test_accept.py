"""`dialgate accept`: from an import to cases that the same trajectories pass; nothing is lost."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from dialgate.cli import group
from tests.dialgate.cases.accepting.reviews import a_suite
from tests.evals.importing.imports import a_call, answer, calls, lines, user
from tests.integration.command_line import PATHS, dialgate
from tests.workspaces import a_refund

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.workspaces import RecordedSuite


def logs(folder: Path) -> Path:
    """Conversations as a team has them: reads, writes, both, neither, and an error."""
    said = {"role": "assistant", "content": "Done."}
    look = a_call("get_order", {"order_id": "A-1"}, "r")
    found = answer('{"order_id": "A-1", "amount": 7}', "r")
    pay = [a_call("refund_order", {"order_id": "A-1", "amount": n}, f"w{n}") for n in (7, 8)]
    conversations = [
        [user("Refund A-1."), calls(look), found, calls(pay[0]), answer("ok", "w7"), said],
        [user("Refund both."), calls(*pay), answer("ok", "w7"), answer("ok", "w8"), said],
        [user("Where is A-1?"), calls(look), found, said],
        [user("Hello."), said],
        [user("Refund A-1 again."), calls(pay[0]), answer("no", "w7", error=True), said],
    ]
    return lines(folder / "log.jsonl", *({"messages": messages} for messages in conversations))


def test_import_accept_all_and_the_same_trajectories_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert dialgate("cases", "import", logs(tmp_path), "--out", "made", folder=tmp_path).code == 0
    first = dialgate("accept", "made", "--finish", folder=tmp_path)
    assert first.code == 2
    assert "2 guessed classes" in first.err
    looked = (tmp_path / "made/actions.toml").read_text("utf-8")
    assert looked.count("proposed = ") == 2
    arguments = ["accept", "made", "--terminal", "--confirm-classes", "--reviewer", "Ada"]
    done = CliRunner().invoke(group, arguments, input="a\n" * 5 + "y\n", standalone_mode=False)
    assert done.exception is None, done.output
    assert "5 of 5 trajectories decided: 5 cases written" in done.output
    assert "proposed = " not in (tmp_path / "made/actions.toml").read_text("utf-8")
    assert "1 suite, 0 errors" in dialgate("lint", "made", folder=tmp_path).out
    ran = dialgate("run", "made", folder=tmp_path)
    assert ran.code == 0, ran.err
    (record,) = (tmp_path / ".dialgate").glob("run-*/run.json")
    counts = json.loads(record.read_bytes())["counts"]
    assert (counts["trials"], counts["passed"]) == (5, 5)
    text = (tmp_path / "made/cases.jsonl").read_text("utf-8")
    cases = [json.loads(line) for line in text.splitlines()]
    assert sorted(len(case["expect"]["actions"]) for case in cases) == [0, 0, 0, 1, 2]
    assert {case["source"]["reviewer"] for case in cases} == {"Ada"}
    assert {case["origin"] for case in cases} == {"golden"}


@pytest.fixture
def shop(tmp_path: Path) -> RecordedSuite:
    return a_suite(tmp_path, refunds=4)


@contextmanager
def a_page(shop: RecordedSuite) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command in a process of its own, and its page's address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dialgate", "accept", "shop", "--reviewer", "Ada"],
        cwd=shop.folder.parent, env={**os.environ, "PYTHONPATH": PATHS, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        found = next(line for line in process.stdout if line.startswith("Review page: "))
        yield process, found.removeprefix("Review page: ").strip()
    finally:
        process.kill()
        process.communicate()


def ask(address: str, name: str, body: Any = None) -> Any:
    parts = urlsplit(address)
    assert parts.port is not None
    connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=60)
    headers = {"Origin": f"http://127.0.0.1:{parts.port}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body)
    connection.request("GET" if body is None else "POST", f"{parts.path}{name}", data, headers)
    answer = connection.getresponse()
    found = json.loads(answer.read())
    connection.close()
    assert answer.status == 200, found
    return found


def decide(address: str, place: int, word: str) -> None:
    item = ask(address, f"item/{place}")
    ask(address, "decide", {"item": item["id"], "word": word, "seen": 0})


def test_kill_9_loses_nothing_and_finish_writes_what_was_decided(shop: RecordedSuite) -> None:
    before = (shop.folder / "cases.jsonl").read_bytes()
    with a_page(shop) as (process, address):
        decide(address, 0, "right")
        decide(address, 1, "wrong")
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert (shop.folder / "cases.jsonl").read_bytes() == before
    with a_page(shop) as (process, address):
        assert ask(address, "state")["marks"] == "aw.."
        decide(address, 3, "right")
        # A process that a script starts in the background ignores Ctrl-C.
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
        assert process.returncode == 130
        assert "3 decisions are kept and no case was written." in said
    done = dialgate("accept", "shop", "--finish", "--json", "-", folder=shop.folder.parent)
    assert done.code == 0, done.err
    assert done.verdict()["cases"]["written"] == ["refund-001", "refund-003"]
    assert done.verdict()["decided"] == 3
    assert "3 of 4 trajectories decided: 2 cases written" in done.err
    again = dialgate("accept", "shop", "--finish", "--json", "-", folder=shop.folder.parent)
    assert again.verdict()["files"] == []


def test_the_page_ends_with_exit_0_and_says_what_it_wrote(shop: RecordedSuite) -> None:
    with a_page(shop) as (process, address):
        decide(address, 3, "right")
        ask(address, "finish", {})
        said, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert "1 of 4 trajectories decided: 1 case written" in said
    lines = (shop.folder / "cases.jsonl").read_text("utf-8").splitlines()
    last = json.loads(lines[-1])
    assert last["expect"]["actions"] == [
        {"name": "refund", "arguments": {"id": "refund-003", "amount": 99}}
    ]
    assert a_refund("refund-003") not in last["expect"]["actions"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none"], "there is no such run record or suite"),
        (["shop", "--finish", "--terminal"], "--finish asks nothing"),
        (["shop", "--finish", "--reviewer", "a\nb"], "one short printable line"),
        (["shop", "--finish", "--reviewer", " "], "one short printable line"),
        (["shop", "--suite", "shop"], "--suite is for run records"),
        (["shop", "--port", "70000"], "70000"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_command_that_can_not_work_says_why(
    shop: RecordedSuite, arguments: list[str], said: str
) -> None:
    found = dialgate("accept", *arguments, folder=shop.folder.parent)
    assert found.code == 2
    assert said in found.err
