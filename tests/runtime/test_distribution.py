"""Small, of the standard library alone, and the very code that the whole of dialgate uses."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.integration.command_line import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

RUNTIME = PROJECT / "dialgate_runtime"
MODULES = sorted(path for path in RUNTIME.rglob("*.py"))


def imported(path: Path) -> set[str]:
    """The top of every name that the file imports anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, path
            found.add(str(node.module).partition(".")[0])
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(RUNTIME).as_posix())
def test_it_imports_the_standard_library_alone(path: Path) -> None:
    assert imported(path) - {"dialgate_runtime"} <= sys.stdlib_module_names


def test_the_import_alone_loads_next_to_nothing() -> None:
    """Nothing but itself and `__future__`; what it costs is measured in benchmarks/."""
    script = (
        "import sys; before = set(sys.modules); import dialgate_runtime;"
        "print(sorted(set(sys.modules) - before))"
    )
    shown = subprocess.run(
        [sys.executable, "-S", "-c", script],
        cwd=PROJECT, env={}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert shown.stdout.strip() == "['__future__', 'dialgate_runtime']"


WORK = """
import json, sys
from dialgate_runtime import Dial, ReviewLog
dial = Dial.load("dial.json", leases="lease")
mode = dial.mode("refund.small", {})
log = ReviewLog("events.jsonl", strict=True)
log.write(task_id="t", release="1", mode=mode, decision="approved",
          proposed={"name": "refund.small", "arguments": {}})
tops = {name.partition(".")[0] for name in sys.modules} - sys.stdlib_module_names
print(mode.value, sorted(name for name in tops if not name.startswith("_")))
"""


@pytest.mark.skipif(
    importlib.util.find_spec("hatchling") is None,
    reason='hatchling is not installed: pip install "dialgate[dev]"',
)
def test_its_wheel_alone_looks_up_and_writes(tmp_path: Path) -> None:
    """Built by itself, unpacked, and run by an interpreter that sees no other package."""
    import json

    from tests.runtime.test_leases_in_force import exported

    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=RUNTIME, capture_output=True, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name.startswith("dialgate_runtime-")
    assert wheel.stat().st_size < 200_000
    with zipfile.ZipFile(wheel) as held:
        names = held.namelist()
        held.extractall(tmp_path)
    code = {name for name in names if name.endswith(".py")}
    ours = {f"dialgate_runtime/{path.relative_to(RUNTIME).as_posix()}" for path in MODULES}
    assert code == ours
    (tmp_path / "dial.json").write_text(json.dumps(exported()), "utf-8")
    shown = subprocess.run(
        [sys.executable, "-S", "-c", WORK],
        cwd=tmp_path, env={}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert shown.stdout.strip() == "in_the_loop ['dialgate_runtime']"


@pytest.mark.parametrize("page", ["dialgate_runtime/README.md", "docs/how-to/in-the-runtime.md"])
def test_the_example_of_the_page_looks_up_and_writes(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import json
    import re
    import time

    from dialgate_evals.events.review_event_lines import read_event_lines
    from tests.runtime.test_leases_in_force import a_class, exported

    item = a_class("refund_order")
    now = int(time.time())
    item["lease"] = {"mode": "on_the_loop", "issued_at": now, "not_after": now + 60}
    tool = {**exported()["tools"]["look"], "classes": ["refund_order"]}
    document = exported(classes=[item], tools={"refund_order": tool})
    (tmp_path / "dial.json").write_text(json.dumps(document), "utf-8")
    code = re.findall(
        r"^```python\n(.*?)^```", (PROJECT / page).read_text("utf-8"), re.MULTILINE | re.DOTALL
    )[0]
    monkeypatch.chdir(tmp_path)
    exec(code.replace(', leases="lease"', ""), {})
    (event,) = read_event_lines(tmp_path / "events.jsonl").events
    assert (event.mode.value, event.proposed.name) == ("on_the_loop", "refund_order")
