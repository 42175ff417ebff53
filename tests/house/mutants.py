"""`make mutants`: hunts for mutants of the gate that no test notices, and lists the survivors.

mutmut names a mutant by its file's path and a hit by its module: both agree where packages lie side
by side, so the hunt is in a copy laid out that way (`.mutants`). Writes the list into
docs/explanation/mutants.md; fails under 90 %. With names (`dialgate_gate.verdict.budget.*`) it
hunts there alone and writes nothing.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

PROJECT = Path(__file__).parents[2]
STAGE = PROJECT / ".mutants"
PACKAGES = (
    "evals/dialgate_evals",
    "gate/dialgate_gate",
    "reports/dialgate_reports",
    "dialgate",
    "dialgate_runtime",
)
BESIDE = ("tests", "examples", "suites", "golden", "docs", "pyproject.toml")
TARGET = 0.90
PAGE = PROJECT / "docs/explanation/mutants.md"
MARK = "<!-- survivors -->"
KILLED = {"killed", "timeout", "suspicious", "segfault", "caught by type check"}


def main(names: list[str]) -> int:
    """Prints the share and renews the page; 1 where too many survive."""
    lay_out()
    _mutmut("run", "--max-children", "2", *names)
    shown = _mutmut("results", "--all", "true", captured=True)
    found = re.findall(r"^\s*(\S+)__mutmut_\d+: (.+)$", shown, re.MULTILINE)
    if names:
        found = [(name, word) for name, word in found if word != "not checked"]
    status = Counter(word for _, word in found)
    judged = sum(number for word, number in status.items() if word != "skipped")
    killed = sum(status[word] for word in KILLED)
    rate = killed / judged if judged else 0.0
    survivors = Counter(_readable(name) for name, word in found if word not in KILLED)
    lines = [
        MARK,
        "",
        f"{killed:,} of {judged:,} mutants killed: {100 * rate:.1f} %.",
        "",
        "| survivors | function |",
        "| ---: | --- |",
        *(f"| {number} | `{name}` |" for name, number in sorted(survivors.items())),
        "",
    ]
    if names:
        lines += [f"{word}: {_readable(name)}" for name, word in found if word not in KILLED]
    else:
        text = PAGE.read_text("utf-8")
        PAGE.write_text(text[: text.index(MARK)] + "\n".join(lines), "utf-8")
    print(*(lines if names else lines[2:3]), sep="\n")  # noqa: T201 - a script for people
    return 0 if rate >= TARGET else 1


def lay_out() -> None:
    """Copies what the hunt needs; files keep their times, by which mutmut knows what is new."""
    for name in (*PACKAGES, *BESIDE):
        source, target = PROJECT / name, STAGE / Path(name).name
        if source.is_file():
            STAGE.mkdir(exist_ok=True)
            shutil.copy2(source, target)
            continue
        if target.exists():
            shutil.rmtree(target)
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))


def _mutmut(*arguments: str, captured: bool = False) -> str:
    # The checkout itself must not be importable: its code has no mutants.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-m", "mutmut", *arguments],
        cwd=STAGE,
        env={**environment, "DIALGATE_HYPOTHESIS": "mutants"},
        stdout=subprocess.PIPE if captured else None,
        text=True,
        check=True,
    )
    return done.stdout or ""


def _readable(name: str) -> str:
    """`budget.x__judge` is `budget._judge`; a method keeps its class."""
    return re.sub(r"xǁ(\w+)ǁ", r"\1.", name).replace(".x_", ".")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
