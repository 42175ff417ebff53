"""`dialgate record` as a process: started, ended, killed, and between a client and its server."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.command_line import PATHS, dialgate
from tests.needed.extras import need

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

need("aiohttp", 'the proxy needs the extra "record"')

TOOL = {"type": "function", "function": {"name": "refund", "parameters": {"type": "object"}}}
LONGEST_S = 60


class FakeModel(BaseHTTPRequestHandler):
    """Calls a tool for every request; to "wait" it answers nothing until the test is over."""

    protocol_version = "HTTP/1.1"
    is_over = threading.Event()

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if body["messages"][0]["content"] == "wait":
            self.is_over.wait(LONGEST_S)
            return
        call = {"id": "c", "type": "function", "function": {"name": "refund", "arguments": "{}"}}
        message = {"role": "assistant", "content": None, "tool_calls": [call]}
        choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
        raw = json.dumps({"id": "1", "choices": [choice]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def model() -> Iterator[str]:
    FakeModel.is_over.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), FakeModel) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
        FakeModel.is_over.set()
        server.shutdown()
        thread.join()


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "dialgate", "record", "suites/shop", *arguments]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": PATHS, "NO_COLOR": "1"}


@contextmanager
def recording(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A proxy that listens, and its port."""
    process = subprocess.Popen(
        command("--port", "0", *arguments), cwd=folder, env=environment(), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        said = ""
        while "Ctrl-C ends it" not in said:
            line = process.stderr.readline()
            assert line, said
            said += line
        yield process, int(said.partition("127.0.0.1:")[2].split("/")[0])
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def ask(port: int, text: str, *, is_answered: bool = True) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LONGEST_S)
    body = {"model": "m", "messages": [{"role": "user", "content": text}], "tools": [TOOL]}
    headers = {"Authorization": "Bearer plain-key-0001"}
    connection.request("POST", "/v1/chat/completions", json.dumps(body), headers)
    if is_answered:
        answer = connection.getresponse()
        assert (answer.status, b"refund" in answer.read()) == (200, True)
    return connection


def cases(folder: Path) -> list[Any]:
    text = (folder / "suites/shop/cases.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_ctrl_c_writes_the_cases_and_a_second_session_adds_to_them(
    tmp_path: Path, model: str
) -> None:
    for number, (sent, stop) in enumerate([("One", signal.SIGINT), ("Two", signal.SIGTERM)], 1):
        with recording(tmp_path, "--openai", model) as (process, port):
            ask(port, sent).close()
            process.send_signal(stop)
            out, err = process.communicate(timeout=LONGEST_S)
        assert process.returncode == 0, err
        assert f"{number} case" in out
        assert "1 of them new" in out
    assert [case["messages"][0]["content"] for case in cases(tmp_path)] == ["One", "Two"]
    assert dialgate("lint", "suites/shop", folder=tmp_path).code == 0


def test_a_killed_proxy_loses_the_request_in_flight_only(tmp_path: Path, model: str) -> None:
    with recording(tmp_path, "--openai", model) as (process, port):
        for number in range(20):
            ask(port, f"Request {number}").close()
        waiting = ask(port, "wait", is_answered=False)
        process.kill()
        process.wait(LONGEST_S)
        waiting.close()
    finished = dialgate("record", "suites/shop", "--finish", folder=tmp_path)
    assert finished.code == 0, finished.err
    said = [case["messages"][0]["content"] for case in cases(tmp_path)]
    assert said == [f"Request {number}" for number in range(20)]


def test_with_the_agents_command_the_agent_is_run_and_its_case_written(
    tmp_path: Path, model: str
) -> None:
    agent = tmp_path / "agent.py"
    agent.write_text(
        "import json, os, urllib.request\n"
        "url = os.environ['OPENAI_BASE_URL'] + '/chat/completions'\n"
        f"body = {{'messages': [{{'role': 'user', 'content': 'Mine'}}], 'tools': [{TOOL!r}]}}\n"
        "urllib.request.urlopen(url, json.dumps(body).encode()).read()\n"
        "raise SystemExit(3)\n"
    )
    done = subprocess.run(
        command("--port", "0", "--openai", model, "--agent", "--", sys.executable, str(agent)),
        cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=LONGEST_S,
        check=False,
    )  # fmt: skip
    assert "The agent ended with exit code 3." in done.stderr
    assert (done.returncode, cases(tmp_path)[0]["messages"][0]["content"]) == (0, "Mine")


def test_a_port_that_is_taken_is_said_with_what_to_do(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        finished = dialgate("record", "suites/shop", "--port", str(port), folder=tmp_path)
    assert finished.code == 2
    assert "--port 0 takes a free one" in finished.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--openai", "api.example"], "expected an address"),
        (["--openai", "https://u:p@api.example"], "name or password"),
        (["--openai", "http://localhost:8377/v1"], "names this proxy itself"),
        (["--mcp", "http://a.b/mcp", "--mcp", "http://a.b/other"], "named twice"),
        (["--mcp", "a b=http://a.b"], "a name has letters"),
        (["--finish", "--replay"], "goes with no COMMAND"),
        (["--agent"], "name the agent's command"),
        (["--replay"], "nothing is recorded there"),
        (["--mcp", "http://a.b", "--", "cat"], "start record twice"),
        (["--", "no-such-program-here"], "can't be started"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_work_is_said_before_anything_listens(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    finished = dialgate("record", "suites/shop", *arguments, folder=tmp_path)
    assert (finished.code, said in finished.err) == (2, True), finished.err


def test_the_environments_base_url_is_the_upstream_unless_it_is_the_proxy(tmp_path: Path) -> None:
    own = "http://127.0.0.1:8377/v1"
    finished = dialgate("record", "suites/shop", folder=tmp_path, OPENAI_BASE_URL=own)
    assert (finished.code, "OPENAI_BASE_URL names this proxy itself" in finished.err) == (2, True)


SERVER = """
import json, sys
for line in sys.stdin:
    asked = json.loads(line)
    if asked.get("method") == "die":
        sys.exit(7)
    if "id" in asked:
        print(json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": {"got": asked["params"]}}),
              flush=True)
"""


@pytest.fixture
def server(tmp_path: Path) -> list[str]:
    (tmp_path / "server.py").write_text(SERVER)
    return [
        "--name",
        "shop",
        "--",
        sys.executable,
        str(tmp_path / "server.py"),
        "--key",
        "s3cr3t-k",
    ]


def lines(*messages: dict[str, Any]) -> str:
    return "".join(json.dumps(message, indent=None) + "\n" for message in messages)


def asked(id_: int, order: str, method: str = "tools/call") -> dict[str, Any]:
    return {"id": id_, "method": method, "params": {"name": "look", "arguments": {"id": order}}}


def between(folder: Path, arguments: list[str], text: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), input=text, cwd=folder, env=environment(), capture_output=True,
        text=True, timeout=LONGEST_S, check=False,
    )  # fmt: skip


def test_between_a_client_and_its_server_lines_pass_and_are_served_back(
    tmp_path: Path, server: list[str]
) -> None:
    text = lines(asked(1, "a"), {"method": "notifications/x"}, asked(2, "b"))
    direct = subprocess.run(server[3:], input=text, capture_output=True, text=True, check=True)
    done = between(tmp_path, server, text)
    assert (done.returncode, done.stdout) == (0, direct.stdout)
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*.recording.jsonl"))
    assert b"s3cr3t" not in kept
    replayed = between(tmp_path, ["--replay", *server], lines(asked(8, "b"), asked(9, "z")))
    answers = [json.loads(line) for line in replayed.stdout.splitlines()]
    assert answers[0]["result"] == {"got": asked(2, "b")["params"]}
    assert "No recording matches" in answers[1]["error"]["message"]
    assert "No recording matches" in replayed.stderr


def test_a_servers_exit_code_is_the_commands(tmp_path: Path, server: list[str]) -> None:
    assert between(tmp_path, server, lines(asked(1, "a"), {"method": "die"})).returncode == 7


def test_a_killed_recording_of_a_server_keeps_what_was_answered(
    tmp_path: Path, server: list[str]
) -> None:
    process = subprocess.Popen(
        command(*server), cwd=tmp_path, env=environment(), text=True, bufsize=1,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    for number in range(5):
        process.stdin.write(lines(asked(number, f"o{number}")))
        assert f"o{number}" in process.stdout.readline()
    process.kill()
    process.communicate()
    finished = dialgate("record", "suites/shop", "--finish", folder=tmp_path)
    assert (finished.code, "5 to MCP servers" in finished.out) == (0, True)
