"""A server that answers with whatever bytes a test says, and a run of a suite against it.

Knows only enough HTTP to read a request whole; the bytes of an answer are the test's own.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate_evals.running.engine import DueTrial, Engine
from dialgate_evals.running.time_limits import TimeLimits
from dialgate_evals.scoring.scoring import Scorer
from dialgate_evals.suite.workspace import load_workspace
from tests.evals.running.time_by_hand import TimeByHand
from tests.workspaces import RecordedSuite

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.actions.trajectory import Trajectory
    from dialgate_evals.running.agent_protocol import Agent
    from dialgate_evals.suite.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Received:
    """One request as the server read it."""

    line: str
    headers: dict[str, str]
    document: Any
    connection: int
    # which connection it came on


def an_answer(
    document: Any = None, *, status: int = 200, body: bytes | None = None, **headers: str
) -> bytes:
    """An HTTP answer; `retry_after="7"` becomes the header Retry-After."""
    content = json.dumps(document).encode() if body is None else body
    lines = [f"HTTP/1.1 {status} Some Words", f"Content-Length: {len(content)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


class FakeServer:
    """Listens on loopback; `answer` gives the bytes of each answer, None closes the connection."""

    def __init__(self, answer: Callable[[Received], Awaitable[bytes | None]]) -> None:
        self._answer = answer
        self.connections = 0
        self.received: list[Received] = []
        self.arrived = asyncio.Event()
        # the first request was read
        self.url = ""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[FakeServer]:
        tasks: set[asyncio.Task[None]] = set()

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.connections += 1
            tasks.add(asyncio.ensure_future(self._serve(reader, writer, self.connections)))

        server = await asyncio.start_server(accept, "127.0.0.1", 0, limit=2**25)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int
    ) -> None:
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                while True:
                    received = await _read_request(reader, number)
                    self.received.append(received)
                    self.arrived.set()
                    raw = await self._answer(received)
                    if raw is None:
                        return
                    writer.write(raw)
                    await writer.drain()
                    if b"onnection: close" in raw[:1000]:
                        return
        finally:
            writer.close()


async def _read_request(reader: asyncio.StreamReader, number: int) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    line, *rest = head.strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (h.partition(":") for h in rest)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    document = json.loads(body) if body else None
    return Received(line=line, headers=headers, document=document, connection=number)


async def exchange(url: str, raw: bytes) -> tuple[int, Any]:
    """Sends these bytes to the host of the URL; status and JSON body of what comes back."""
    host, _, port = url.split("/")[2].partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(raw)
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        while head.startswith("HTTP/1.1 1"):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = int(head.lower().partition("content-length:")[2].split("\r\n")[0])
        return int(head.split()[1]), json.loads(await reader.readexactly(length))
    finally:
        writer.close()


def a_request(url: str, body: bytes = b"", method: str = "POST", **headers: str) -> bytes:
    """An HTTP request to the path of the URL."""
    path = "/" + url.split("/", 3)[3]
    lines = [f"{method} {path} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def call_tool(url: str, name: Any, arguments: Any) -> tuple[int, Any]:
    """A tool call as an agent makes it."""
    body = json.dumps({"name": name, "arguments": arguments}).encode()
    return await exchange(url, a_request(url, body))


def live_suite(folder: Path, agent: str, *, settings: str = "", refunds: int = 6) -> Workspace:
    """A suite of refund cases whose agent is reached as the `[agent]` table says."""
    suite = RecordedSuite(folder / "shop", refunds=refunds)
    text = (suite.folder / "suite.toml").read_text()
    start = text.index("[agent]")
    limits = "timeout_s = 60\nretries = 1\nconcurrency = 6\n"
    suite.write("suite.toml", f"{text[:start]}{limits}{settings}\n[agent]\n{agent}\n")
    return load_workspace(suite.folder)


class Run:
    """What a run left: scores and trajectories by case, and how long each retry waited."""

    def __init__(self) -> None:
        self.scores: dict[str, TrialScore] = {}
        self.trajectories: dict[str, Trajectory] = {}
        self.waited: list[float] = []

    def ends(self, case_id: str) -> str:
        return self.scores[case_id].status.value

    def said(self, case_id: str) -> str:
        """Why the trial was errored, or how the agent broke off."""
        trajectory = self.trajectories[case_id]
        return trajectory.error or trajectory.failure or ""


async def run_suite(workspace: Workspace, agent: Agent, *, hangs: bool = False) -> Run:
    """Runs every case once; retries wait for nothing, and one trial that hangs ends as the last."""
    release, run = workspace.release(), Run()
    scorer = Scorer(tools=release.tools, actions=workspace.actions)

    async def at_once(seconds: float) -> None:
        run.waited.append(seconds)

    def finished(case: Any, trajectory: Trajectory) -> None:
        run.trajectories[case.id] = trajectory
        run.scores[case.id] = scorer.score(case, trajectory)
        time.finished()

    time = TimeByHand(len(workspace.cases))
    engine = Engine(
        agent=agent,
        release=release,
        suite=workspace.suite,
        actions=workspace.actions,
        on_finished=finished,
        time_limits=time.limits if hangs else TimeLimits,
        sleep=at_once,
    )
    await engine.run_trials([DueTrial(case=case, trial=0) for case in workspace.cases])
    return run
