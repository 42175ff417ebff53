"""Shapes of agents that people have: each is called as its own service would call it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import dialgate
from dialgate_evals.running.agent_protocol import InfrastructureError
from dialgate_evals.running.agents import python_process
from tests.evals.running.agents.python_agents import REFUND, replies, run_source

WORKER = Path(python_process.__file__).parent / "python" / "worker"

ASYNC = f"""
    await tools.call({REFUND})
    return "Done."
"""
PLAIN = f"""
    tools.call({REFUND})
    return "Done."
"""
SHAPES = {
    "an async function": ("agent:respond", f"async def respond(messages, tools, release):{ASYNC}"),
    "a plain function": ("agent:respond", f"def respond(messages, tools, release):{PLAIN}"),
    "a method by a dotted target": (
        "agent:shop.run",
        "class Shop:\n  async def run(self, messages, tools, release):"
        + ASYNC.replace("\n    ", "\n      ")
        + "\nshop = Shop()\n",
    ),
    "an instance with an async __call__": (
        "agent:respond",
        "class Shop:\n  async def __call__(self, messages, tools, release):"
        + ASYNC.replace("\n    ", "\n      ")
        + "\nrespond = Shop()\n",
    ),
    "a partial of an async function": (
        "agent:respond",
        (
            "import functools\n"
            f"async def inner(shop, messages, tools, release):{ASYNC}\n"
            "respond = functools.partial(inner, 'shop')\n"
        ),
    ),
    "a decorator that wraps without saying so": (
        "agent:respond",
        (
            "def traced(function):\n"
            "  def inner(*given):\n"
            "    return function(*given)\n"
            "  return inner\n"
            f"@traced\nasync def respond(messages, tools, release):{ASYNC}"
        ),
    ),
    "a loop of its own while it is imported": (
        "agent:respond",
        (
            "import asyncio\n"
            "async def prepare():\n  await asyncio.sleep(0)\n"
            "asyncio.run(prepare())\n"
            f"async def respond(messages, tools, release):{ASYNC}"
        ),
    ),
    "a plain function that asks for a loop": (
        "agent:respond",
        (
            "import asyncio\n"
            f"async def inner(messages, tools):{ASYNC}\n"
            "def respond(messages, tools, release):\n"
            "  return asyncio.get_event_loop().run_until_complete(inner(messages, tools))\n"
        ),
    ),
    "a plain function with asyncio.run": (
        "agent:respond",
        (
            "import asyncio\n"
            f"async def inner(messages, tools):{ASYNC}\n"
            "def respond(messages, tools, release):\n"
            "  return asyncio.run(inner(messages, tools))\n"
        ),
    ),
    "plain tools in a loop of its own": (
        "agent:respond",
        (
            "import asyncio\n"
            f"def act(messages, tools):{PLAIN}\n"
            "async def inner(messages, tools):\n  return act(messages, tools)\n"
            "def respond(messages, tools, release):\n"
            "  return asyncio.run(inner(messages, tools))\n"
        ),
    ),
    "tools called from a thread of an async function": (
        "agent:respond",
        (
            "import asyncio\n"
            "async def respond(messages, tools, release):\n"
            f"  await asyncio.get_running_loop().run_in_executor(None, tools.call, {REFUND})\n"
            "  return 'Done.'\n"
        ),
    ),
    "signals": (
        "agent:respond",
        "import signal\n"
        "def respond(messages, tools, release):\n"
        "    signal.signal(signal.SIGALRM, lambda *_: None)\n"
        "    signal.setitimer(signal.ITIMER_REAL, 5)\n"
        + PLAIN.replace(
            "\n    return", "\n    signal.setitimer(signal.ITIMER_REAL, 0)\n    return"
        ),
    ),
    "a named tuple": (
        "agent:respond",
        "import collections\nReply = collections.namedtuple('Reply', 'reply cost_usd')\n"
        "def respond(messages, tools, release):" + PLAIN.replace('"Done."', 'Reply("Done.", 0.5)'),
    ),
    "a dataclass with a dataclass in it": (
        "agent:respond",
        "import dataclasses\n"
        "@dataclasses.dataclass\nclass Usage:\n  input_tokens: int = 3\n"
        "@dataclasses.dataclass\nclass Reply:\n  reply: str\n  usage: Usage\n"
        "def respond(messages, tools, release):"
        + PLAIN.replace('"Done."', 'Reply("Done.", Usage())'),
    ),
    "a pydantic model": (
        "agent:respond",
        "class Reply:\n"
        "  def model_dump(self, mode='python'):\n"
        "    assert mode == 'json'\n"
        "    return {'reply': 'Done.', 'usage': {'output_tokens': 2}}\n"
        "def respond(messages, tools, release):" + PLAIN.replace('"Done."', "Reply()"),
    ),
}


@pytest.mark.parametrize(("target", "source"), SHAPES.values(), ids=SHAPES)
def test_it_runs(target: str, source: str, tmp_path: Path) -> None:
    found = run_source(tmp_path, source, target=target)
    assert replies(found) == ["Done.", "Done."]
    assert all("tool_calls" in trajectory.messages[1] for trajectory in found.values())


class TestModulesOfTheHarness:
    """None of them is on the agent's path, and none of its names is taken."""

    def test_a_module_of_that_name_is_the_agents_own(self, tmp_path: Path) -> None:
        names = {path.stem for folder in (WORKER, *WORKER.parents[:2]) for path in folder.glob("*")}
        names = {name for name in names if name.isidentifier() and not name.startswith("__")}
        own = dict.fromkeys(names - sys.stdlib_module_names, "")
        source = (
            f"import {', '.join(sorted(names))}\nimport urllib.request, http.server, sys\n"
            f"SEEN = [sys.modules[name].__file__ for name in {sorted(names)!r}]\n"
            "def respond(messages, tools, release):\n  return ' '.join(SEEN)\n"
        )
        files = {f"{name}.py": text for name, text in own.items()}
        found = replies(run_source(tmp_path, source, cases=1, files=files))[0]
        assert len(found.split()) == len(names) > 20
        assert "dialgate_evals" not in found

    def test_nothing_of_the_harness_is_on_the_path(self, tmp_path: Path) -> None:
        source = (
            "import sys\ndef respond(messages, tools, release):\n  return '\\n'.join(sys.path)\n"
        )
        paths = replies(run_source(tmp_path, source, cases=1))[0].splitlines()
        assert [path for path in paths if path.startswith(str(WORKER.parents[1]))] == []

    @pytest.mark.parametrize("path", sorted(WORKER.glob("*.py")), ids=lambda path: path.name)
    def test_the_worker_has_the_grammar_of_python_3_8(self, path: Path) -> None:
        assert ast.parse(path.read_text("utf-8"), feature_version=(3, 8)).body


def _interpreters() -> dict[str, str]:
    found = {}
    versions = Path.home() / ".pyenv" / "versions"
    for minor in range(8, 15):
        places = [*versions.glob(f"3.{minor}.*/bin/python3"), Path(f"/usr/bin/python3.{minor}")]
        found[f"3.{minor}"] = next((str(place) for place in places if place.exists()), "")
    return found


@pytest.mark.parametrize(("version", "interpreter"), _interpreters().items())
def test_it_runs_on_every_python(version: str, interpreter: str, tmp_path: Path) -> None:
    if not interpreter:
        pytest.skip(f"Python {version} is not here")
    source = f"import http.client\nimport sys\nasync def respond(messages, tools, release):{ASYNC}"
    source = source.replace('"Done."', "'%s.%s' % sys.version_info[:2]")
    found = run_source(tmp_path, source, agent=f'interpreter = "{interpreter}"')
    assert replies(found) == [version, version]


class TestWhatCannotBeLoaded:
    def test_a_missing_module_is_named_first_with_the_interpreter(self, tmp_path: Path) -> None:
        source = (
            "try:\n  import no_such_framework\n"
            "except ImportError as error:\n  raise RuntimeError('please install it') from error\n"
        )
        with pytest.raises(InfrastructureError) as raised:
            run_source(tmp_path, source)
        text = str(raised.value)
        assert text.startswith("the agent did not load: No module named 'no_such_framework' in ")
        assert sys.executable in text
        assert "[agent] interpreter" in text

    def test_a_target_that_is_no_function_is_said_to_be(self, tmp_path: Path) -> None:
        with pytest.raises(InfrastructureError, match="agent:respond is a int, not a function"):
            run_source(tmp_path, "respond = 3\n")

    def test_an_interpreter_that_is_not_there_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(InfrastructureError, match="gone/bin/python is not there"):
            run_source(tmp_path, "", agent='interpreter = "gone/bin/python"')


class TestTheFolders:
    def test_an_interpreter_is_found_above_the_suite_wherever_one_stands(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / ".git").mkdir()
        venv = tmp_path / ".venv"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
        monkeypatch.chdir("/")
        source = "import sys\ndef respond(messages, tools, release):\n  return sys.prefix\n"
        found = run_source(tmp_path, source, cases=1, agent='interpreter = ".venv/bin/python"')
        assert replies(found) == [str(venv)]

    def test_modules_may_lie_outside_the_suite(self, tmp_path: Path) -> None:
        (tmp_path / ".git").mkdir()
        (tmp_path / "src" / "acme").mkdir(parents=True)
        (tmp_path / "src/acme/core.py").write_text(
            "def respond(messages, tools, release):\n  return __file__\n"
        )
        found = run_source(
            tmp_path, "", target="acme.core:respond", cases=1, agent='pythonpath = ["../src"]'
        )
        (place,) = replies(found)
        assert place.endswith("/release/src/acme/core.py")

    def test_the_working_folder_can_be_named(self, tmp_path: Path) -> None:
        (tmp_path / ".git").mkdir()
        source = "import os\ndef respond(messages, tools, release):\n  return os.getcwd()\n"
        found = run_source(tmp_path, source, cases=1, agent='working_folder = ".."')
        (place,) = replies(found)
        assert place.endswith("/release")


class TestPublicNames:
    def test_the_public_error_is_caught_too(self, tmp_path: Path) -> None:
        source = (
            "import dialgate\n"
            "def respond(messages, tools: 'dialgate.Tools', release):\n"
            "  for error in (dialgate.ToolError, tools.ToolError):\n"
            "    try:\n      tools.call('no_such_tool')\n"
            "    except error as raised:\n      said = str(raised)\n"
            "  return said\n"
        )
        assert "no_such_tool" in replies(run_source(tmp_path, source, cases=1))[0]

    def test_they_are_there_and_typed(self) -> None:
        mode: dialgate.Mode = dialgate.Mode.IN_THE_LOOP
        version: str = dialgate.__version__
        assert mode.value == "in_the_loop"
        assert version
        assert issubclass(dialgate.ToolError, Exception)
        assert set(dialgate.__all__) == set(dir(dialgate))


class TestReplies:
    def test_a_result_without_a_reply_is_named(self, tmp_path: Path) -> None:
        source = (
            "import dataclasses\n@dataclasses.dataclass\nclass RunResult:\n  output: str\n"
            "def respond(messages, tools, release):\n  return RunResult('x')\n"
        )
        assert (
            "the reply is a RunResult without a field `reply`"
            in replies(run_source(tmp_path, source, cases=1))[0]
        )

    def test_a_dataclass_as_arguments_arrives_as_data(self, tmp_path: Path) -> None:
        source = (
            "import dataclasses\n@dataclasses.dataclass\nclass Refund:\n  id: str\n  amount: int\n"
            "def respond(messages, tools, release):\n"
            "  tools.call('refund', Refund('refund-000', 10))\n  return 'Done.'\n"
        )
        found = run_source(tmp_path, source, cases=1)["refund-000"]
        assert '"amount":10' in str(found.messages[1]["tool_calls"][0]["function"]["arguments"])

    @pytest.mark.parametrize(
        ("arguments", "problem"),
        [
            ("circle", "not JSON: Circular reference detected"),
            ("{'amount': float('nan')}", "not JSON: Out of range float values"),
            ("{'amount': {1, 2}}", "not JSON: Object of type set is not JSON serializable"),
        ],
        ids=["a circle", "NaN", "a set"],
    )
    def test_arguments_that_are_no_json_fail_the_trial_and_no_other(
        self, arguments: str, problem: str, tmp_path: Path
    ) -> None:
        source = (
            "circle = {}\ncircle['again'] = circle\n"
            "async def respond(messages, tools, release):\n"
            f"  if messages[0]['content'].rstrip('.').endswith('000'):\n"
            f"    await tools.call('refund', {arguments})\n"
            "  return 'Done.'\n"
        )
        failed, done = replies(run_source(tmp_path, source, cases=2))[:2]
        assert problem in failed
        assert done == "Done."
