"""Tools pulled from an MCP server: what is written, and what servers that are none lead to."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from dialgate.commands.tools.tools import command
from dialgate_evals.errors import ConfigurationError, UsageError
from dialgate_evals.running.simulation.mcp_pull import pull_tools
from dialgate_evals.suite.tools import parse_tools
from tests.evals.running.simulation.served_tools import (
    Served,
    each_transport,
    needs_mcp,
    over_http,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

pytestmark = needs_mcp


@pytest.fixture
def served(tmp_path: Path) -> Served:
    return Served(tmp_path)


def pull(open_trial: Any, served: Served, ask: Callable[[str], Awaitable[Any]]) -> Any:
    """Serves the release's tools while `ask` is at work with the server's address."""
    import shlex

    async def main() -> Any:
        async with open_trial(served.session(), served.schemas) as address:
            return await ask(address if isinstance(address, str) else shlex.join(address))

    return asyncio.run(main())


class TestPull:
    """`dialgate tools pull`: a server's tools as tools.json."""

    @each_transport
    def test_what_is_pulled_is_what_was_served(self, open_trial: Any, served: Served) -> None:
        async def ask(source: str) -> Any:
            return await asyncio.to_thread(pull_tools, source)

        document = pull(open_trial, served, ask)
        assert document["schema"] == 1
        assert [tool["name"] for tool in document["tools"]] == ["look_up", "refund", "send_mail"]
        for tool in parse_tools(document["tools"]):
            known = served.release.tools.get(tool.name)
            assert known is not None
            assert tool.parameters == known.parameters

    def test_the_command_writes_once_and_never_over_something_else(
        self, served: Served, tmp_path: Path
    ) -> None:
        out = tmp_path / "new.json"

        def invoke(source: str, *more: str) -> Any:
            arguments = ["pull", "--mcp", source, "--out", str(out), *more]
            return CliRunner().invoke(command, arguments)

        async def ask(source: str) -> Any:
            first = await asyncio.to_thread(invoke, source)
            again = await asyncio.to_thread(invoke, source)
            out.write_text("[]")
            refused = await asyncio.to_thread(invoke, source)
            kept = out.read_text()
            return first, again, refused, kept, await asyncio.to_thread(invoke, source, "--force")

        first, again, refused, kept, forced = pull(over_http, served, ask)
        assert first.output.startswith("wrote ")
        assert first.output.endswith("new.json: 3 tools\n")
        assert again.output.endswith("new.json: 3 tools, unchanged\n")
        assert isinstance(refused.exception, UsageError)
        assert "new.json holds something else; --force overwrites it" in str(refused.exception)
        assert kept == "[]"
        assert forced.output.startswith("wrote ")
        assert json.loads(out.read_text())["tools"][0]["name"] == "look_up"

    @pytest.mark.parametrize(
        ("source", "words"),
        [
            ("http://127.0.0.1:1/mcp", r"http://127\.0\.0\.1:1/mcp: no tool list: "),
            ("./no-such-server --flag", r"\./no-such-server --flag: no tool list: "),
            ("'", "no command line: No closing quotation"),
            ("", "found nothing; expected a URL or a command line"),
            (f"{sys.executable} -c pass", "no tool list: "),
        ],
    )
    def test_a_server_that_is_none_is_a_usage_error(self, source: str, words: str) -> None:
        with pytest.raises(UsageError, match=words):
            pull_tools(source)

    def test_a_server_that_never_answers_is_given_up(self) -> None:
        code = "import sys; sys.stdin.read()"
        with pytest.raises(UsageError, match=r"no tool list within 0\.2 s"):
            pull_tools(f'{sys.executable} -c "{code}"', timeout_s=0.2)

    @pytest.mark.parametrize(
        ("schema", "words"),
        [
            ({"type": "object", "properties": {"a": {"type": "no-type"}}}, "no usable schema"),
            ({"type": "object", "$ref": "https://example.com/x"}, "no usable schema"),
        ],
        ids=["no schema", "a reference to the network"],
    )
    def test_tools_that_are_no_registry_are_named(
        self, schema: dict[str, Any], words: str, served: Served
    ) -> None:
        served.schemas[0]["parameters"] = schema

        async def ask(source: str) -> Any:
            return await asyncio.to_thread(pull_tools, source)

        with pytest.raises(ConfigurationError, match=words) as raised:
            pull(over_http, served, ask)
        assert 'parameters of "look_up"' in str(raised.value)

    def test_a_tool_listed_twice_is_named(self, served: Served) -> None:
        served.schemas.append(dict(served.schemas[0]))

        async def ask(source: str) -> Any:
            return await asyncio.to_thread(pull_tools, source)

        with pytest.raises(ConfigurationError, match='the tool "look_up" a second time'):
            pull(over_http, served, ask)
