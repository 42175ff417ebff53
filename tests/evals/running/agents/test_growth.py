"""A pool starts with one process, and gets more where trials still share after a start's time."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

import pytest

from dialgate_evals.running.agent_protocol import InfrastructureError, ToolAnswer, TrialInput
from dialgate_evals.running.agents.process import Growth
from dialgate_evals.running.agents.registry import open_agent
from dialgate_evals.suite.workspace import load_workspace
from tests.workspaces import RecordedSuite

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

    from dialgate_evals.running.agent_protocol import Agent

PYTHON = """
import os, threading
OWN = os.urandom(8).hex()

async def respond(messages, tools, release):
    if messages[0]["content"] == "block":
        threading.Event().wait()
    if messages[0]["content"] == "hold":
        await tools.call("hold", {})
    return OWN
"""

COMMAND = """
import json, os, sys
OWN = os.urandom(8).hex()
for line in sys.stdin:
    asked = json.loads(line)
    if asked["method"] == "initialize":
        print(json.dumps({"id": 0, "result": {"concurrency": 1}}), flush=True)
    elif "hold" not in line:
        print(json.dumps({"id": asked["id"], "result": {"reply": OWN}}), flush=True)
"""

KINDS = {
    "python": (PYTHON, 'kind = "python"\ntarget = "agent:respond"'),
    "command": (COMMAND, f'kind = "command"\ncommand = ["{sys.executable}", "agent.py"]'),
}


class Held:
    """Tools whose answer never comes."""

    log: tuple[object, ...] = ()

    def restart(self) -> None: ...

    async def call(self, name: str, arguments: object) -> ToolAnswer:
        raise AssertionError(name)

    def answer(self, name: str, arguments: object) -> tuple[ToolAnswer, asyncio.Future[None]]:
        return ToolAnswer(), asyncio.get_running_loop().create_future()


async def reply(agent: Agent, says: str = "go on") -> str:
    message = {"role": "user", "content": says}
    given = TrialInput(trial_id=says, messages=[message], tools=[], release={})
    return (await agent.respond(given, Held())).text


def with_agent(
    kind: str, tmp_path: Path, play: Callable[[Agent], Coroutine[Any, Any, None]], most: int = 2
) -> None:
    source, agent = KINDS[kind]
    shop = RecordedSuite(tmp_path / "shop", refunds=1)
    shop.write("agent.py", source)
    text = (shop.folder / "suite.toml").read_text()
    text = f"{text[: text.index('[agent]')]}[agent]\n{agent}\nworkers = {most}\n"
    shop.write("suite.toml", text)
    workspace = load_workspace(shop.folder)

    async def run() -> None:
        opened = open_agent(
            workspace.suite,
            release=workspace.release(),
            suite_folder=workspace.folder,
            root=workspace.root,
        )
        try:
            await opened.start()
            await play(opened)
        finally:
            await opened.close()

    asyncio.run(run())


@pytest.mark.parametrize("kind", KINDS)
def test_trials_that_are_done_at_once_share_one_process(kind: str, tmp_path: Path) -> None:
    async def play(agent: Agent) -> None:
        assert len({await reply(agent) for _ in range(5)}) == 1

    with_agent(kind, tmp_path, play)


@pytest.mark.parametrize(("kind", "busy"), [("python", 2), ("command", 1)])
def test_trials_that_last_get_another_process(kind: str, busy: int, tmp_path: Path) -> None:
    """Of a command that takes one trial at a time the second one waits for a process."""

    async def play(agent: Agent) -> None:
        first = await reply(agent)
        held = [asyncio.create_task(reply(agent, "hold")) for _ in range(busy)]
        await asyncio.sleep(0)
        async with asyncio.timeout(60):  # a pool that doesn't grow never comes to another
            while (other := await reply(agent)) == first:
                pass
        assert other != first
        for task in held:
            task.cancel()
        await asyncio.gather(*held, return_exceptions=True)

    with_agent(kind, tmp_path, play)


def test_trials_that_wait_behind_one_that_blocks_go_to_another_process(tmp_path: Path) -> None:
    """An agent that is `async` and waits without saying so: the others would wait with it."""

    async def play(agent: Agent) -> None:
        held = asyncio.create_task(reply(agent, "block"))
        await asyncio.sleep(0)
        async with asyncio.timeout(60):
            replies = await asyncio.gather(*(reply(agent) for _ in range(5)))
        assert len(replies) == 5
        held.cancel()
        await asyncio.gather(held, return_exceptions=True)

    with_agent("python", tmp_path, play, most=3)


@pytest.mark.parametrize("most", [1, 2])
def test_a_pool_never_has_more_than_its_suite_names(most: int, tmp_path: Path) -> None:
    async def play(agent: Agent) -> None:
        held = [asyncio.create_task(reply(agent, "hold")) for _ in range(2)]
        await asyncio.sleep(0)
        wanted: int = agent._wanted()  # type: ignore[attr-defined]  # nothing public says it
        assert wanted == most - 1
        for task in held:
            task.cancel()
        await asyncio.gather(*held, return_exceptions=True)

    with_agent("python", tmp_path, play, most)


class Pool:
    """Counts its processes; they start at once, or as `starts` says."""

    def __init__(self, *, short: bool = True, most: int = 3) -> None:
        self.count = self.looks = 0
        self.short, self.most = short, most
        self.fails = False
        self.growth = Growth(self.add, self.wanted)

    async def add(self) -> None:
        if self.fails:
            raise InfrastructureError("no more processes")
        self.count += 1

    def wanted(self) -> int:
        self.looks += 1
        return self.most - self.count if self.short else 0

    async def looked(self, times: int) -> None:
        while self.looks < times:  # noqa: ASYNC110 - an event is more than the loop's next turn
            await asyncio.sleep(0)
        for _ in range(5):  # what was started side by side comes together
            await asyncio.sleep(0)


def test_a_pool_grows_as_long_as_trials_share() -> None:
    async def play() -> None:
        pool = Pool()
        await pool.growth.begin(pool.add)
        assert pool.count == 1
        pool.growth.look_soon()
        await pool.looked(2)
        assert pool.count == 3
        await pool.growth.close()

    asyncio.run(play())


def test_a_pool_whose_trials_are_alone_stays_as_it_is() -> None:
    async def play() -> None:
        pool = Pool(short=False)
        await pool.growth.begin(pool.add)
        pool.growth.look_soon()
        await pool.looked(1)
        assert pool.count == 1
        await pool.growth.close()

    asyncio.run(play())


@pytest.mark.parametrize("kind", KINDS)
def test_where_another_process_ends_at_its_start_the_first_runs_every_trial(
    kind: str, tmp_path: Path
) -> None:
    """An agent that opens a port, say: no trial fails of it, and it isn't tried for ever."""

    async def play(agent: Any) -> None:
        first = await reply(agent)
        broken = [sys.executable, "-c", "raise SystemExit(3)"]
        agent._launch = lambda: agent._sandbox.launch(broken)
        async with asyncio.timeout(60):
            while not agent._growth.has_ended:
                assert {*await asyncio.gather(*(reply(agent) for _ in range(4)))} == {first}
        assert await reply(agent) == first

    with_agent(kind, tmp_path, play)


def test_a_process_that_does_not_start_is_the_last_that_is_tried() -> None:
    async def play() -> None:
        pool = Pool()
        await pool.growth.begin(pool.add)
        pool.fails = True
        pool.growth.look_soon()
        await pool.looked(1)
        assert pool.growth.has_ended
        pool.fails = False
        pool.growth.look_soon()
        await asyncio.sleep(0)
        assert (pool.count, pool.looks) == (1, 1)
        await pool.growth.close()

    asyncio.run(play())


def test_a_start_that_is_under_way_ends_with_the_pool() -> None:
    ended = []

    async def play() -> None:
        pool = Pool()
        await pool.growth.begin(pool.add)

        async def lasts() -> None:
            try:
                await asyncio.get_running_loop().create_future()
            finally:
                ended.append("the start")

        growing = Growth(lasts, pool.wanted)
        growing.look_soon()
        await pool.looked(1)
        await asyncio.sleep(0)
        await growing.close()

    asyncio.run(play())
    assert ended == ["the start", "the start"]
