"""Other people's pytest plug-ins beside ours: they work, or are refused in one sentence.

`pytest-plugins.txt` lists them; DIALGATE_PYTEST_PLUGINS names the folder into which they are
installed, without what they depend on. Skipped with the reason where it is not there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.dialgate.pytest_suite.sessions import a_suite
from tests.integration.command_line import PATHS, PROJECT

if TYPE_CHECKING:
    from tests.workspaces import RecordedSuite

FOLDER = Path(
    os.environ.get("DIALGATE_PYTEST_PLUGINS", PROJECT / ".venv" / "pytest-plugins")
).resolve()

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"other people's plug-ins are not in {FOLDER}: make pytest-plugins"
)


pytest_plugins = ["pytester"]

ALL = (
    "pytest_forked", "pytest_timeout", "pytest_sugar", "pytest_repeat", "pytest_rerunfailures",
    "flaky.flaky_pytest_plugin", "pytest_retry.retry_plugin",
)  # fmt: skip


@pytest.fixture
def suite(tmp_path: Path) -> RecordedSuite:
    """Three cases; the second fails."""
    return three_cases(tmp_path)


@pytest.fixture
def beside(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project that can load the plug-ins, one at a time."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.syspathinsert(FOLDER)
    return pytester


def run_here(project: pytest.Pytester, plugin: str, *arguments: str) -> pytest.RunResult:
    ours = ("-p", "dialgate.plugin", "-p", "no:cacheprovider")
    return project.runpytest_inprocess(*ours, "-p", plugin, *arguments, "shop")


def three_cases(folder: Path) -> RecordedSuite:
    suite = a_suite(folder / "shop", "one", "two", "three")
    suite.record("2", {"two": []})
    return suite


def run(suite: RecordedSuite, *arguments: str) -> subprocess.CompletedProcess[str]:
    plugins = ["-p", "dialgate.plugin", "-p", "no:cacheprovider", "-W", "error"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *plugins, "shop", *arguments],
        cwd=suite.folder.parent,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([PATHS, str(FOLDER)]),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTEST_ADDOPTS": "",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize(
    "arguments",
    [
        (*(part for name in ALL for part in ("-p", name)), "--forked", "--timeout", "60"),
        (
            "-p",
            "pytest_randomly",
            "-p",
            "pytest_timeout",
            "--timeout=60",
            "--timeout-method=thread",
        ),
        ("-p", "xdist.plugin", "-n", "1", "-p", "pytest_forked", "--forked"),
    ],
    ids=["all that can be loaded", "shuffled, with a watching thread", "forked by a worker"],
)
def test_they_work(suite: RecordedSuite, arguments: tuple[str, ...]) -> None:
    done = run(suite, *arguments)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 failed" in done.stdout
    assert "2 passed" in done.stdout
    assert "missed in refund" in done.stdout
    assert trials_on_record(suite) == 3


def trials_on_record(suite: RecordedSuite) -> int:
    (record,) = (suite.folder.parent / ".dialgate").glob("run-*/run.json")
    counts: dict[str, int] = json.loads(record.read_text("utf-8"))["counts"]
    return counts["trials"]


@pytest.mark.parametrize(
    ("plugin", "arguments"),
    [
        ("pytest_rerunfailures", ("--reruns", "2")),
        ("pytest_rerunfailures", ("-o", "reruns=2")),
        ("pytest_rerunfailures", ("--force-reruns", "2")),
        ("pytest_retry.retry_plugin", ("--retries", "2")),
        ("pytest_retry.retry_plugin", ("-o", "retries=2")),
        ("flaky.flaky_pytest_plugin", ("--force-flaky",)),
        ("pytest_repeat", ("--count", "2")),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else value,
)
def test_it_is_refused_in_one_sentence(
    beside: pytest.Pytester, plugin: str, arguments: tuple[str, ...]
) -> None:
    three_cases(beside.path)
    done = run_here(beside, plugin, *arguments)
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    (line,) = [line for line in done.errlines if line]
    assert line.startswith("ERROR: dialgate runs no case again for --")


@pytest.mark.parametrize(
    ("plugin", "mark"),
    [
        ("pytest_rerunfailures", "flaky(reruns=2)"),
        ("pytest_retry.retry_plugin", "flaky(retries=2)"),
        ("flaky.flaky_pytest_plugin", "flaky(max_runs=2)"),
        ("pytest_forked", "forked"),
    ],
)
def test_a_mark_of_a_conftest_changes_no_outcome(
    beside: pytest.Pytester, plugin: str, mark: str
) -> None:
    suite = three_cases(beside.path)
    beside.makeconftest(
        "import pytest\n"
        "def pytest_collection_modifyitems(items):\n"
        f"    for item in items: item.add_marker(pytest.mark.{mark})\n"
    )
    run_here(beside, plugin).assert_outcomes(passed=2, failed=1)
    assert trials_on_record(suite) == 3
