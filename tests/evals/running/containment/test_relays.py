"""The harness's own ports are reached from a network of the agent's own; no other is."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING

import pytest

from dialgate_evals.running.agents.process import ChildProcess
from tests.evals.running.containment.places import Place, a_suite, walls_by

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="walls are built on Linux only")

ASK = """
import json, socket, sys
heard = []
for port in json.loads(sys.argv[1]):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
            line.sendall(b"hello")
            line.shutdown(socket.SHUT_WR)
            heard.append(line.makefile("rb").read().decode())
    except OSError:
        heard.append(None)
print(json.dumps(heard), flush=True)
"""


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write((await reader.read()).upper())
    await writer.drain()
    writer.close()


async def hear(place: Place) -> list[str | None]:
    """What the harness's own server and another one of this machine say to the agent."""
    ours = await asyncio.start_server(echo, "127.0.0.1", 0)
    others = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with ours, others:
        ports = [server.sockets[0].getsockname()[1] for server in (ours, others)]
        place.sandbox.ports.append(ports[0])
        launch = place.sandbox.launch([sys.executable, "-c", ASK, json.dumps(ports)])
        child = await ChildProcess.start(launch)
        try:
            line = await child.read_line()
        finally:
            await child.end()
    assert line is not None, child.log_tail
    heard: list[str | None] = json.loads(line)
    return heard


@pytest.mark.parametrize("means", ["namespaces", "bubblewrap"])
@pytest.mark.parametrize(
    ("network", "expected"),
    [("none", ["HELLO", None]), ("loopback", ["HELLO", "HELLO"]), ("open", ["HELLO", "HELLO"])],
)
def test_what_is_reached_is_what_the_suite_says(
    network: str, expected: list[str | None], means: str, tmp_path: Path
) -> None:
    machine = walls_by(means)
    if machine is None:
        pytest.skip(f"this machine has no {means}")
    place = Place(a_suite(tmp_path, f'network = "{network}"\n'), machine)
    heard = asyncio.run(hear(place))
    place.sandbox.close()
    assert heard == expected
