"""What `make mutants` found: the share killed, and the survivors by function.

Reads mutmut's results and writes the list into docs/explanation/mutants.md; fails under 90 %.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

TARGET = 0.90
PAGE = Path(__file__).parents[1] / "docs/explanation/mutants.md"
MARK = "<!-- survivors -->"
KILLED = {"killed", "timeout", "suspicious", "segfault", "caught by type check"}


def main() -> int:
    """Prints the share and renews the page; 1 where too many survive."""
    done = subprocess.run(
        [sys.executable, "-m", "mutmut", "results", "--all", "true"],
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.findall(r"^\s*(\S+)__mutmut_\d+: (.+)$", done.stdout, re.MULTILINE)
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
    text = PAGE.read_text("utf-8")
    PAGE.write_text(text[: text.index(MARK)] + "\n".join(lines), "utf-8")
    print(lines[2])  # noqa: T201 - a script for people
    return 0 if rate >= TARGET else 1


def _readable(name: str) -> str:
    """`budget.x__judge` is `budget._judge`; a method keeps its class."""
    return re.sub(r"xǁ(\w+)ǁ", r"\1.", name).replace(".x_", ".")


if __name__ == "__main__":
    sys.exit(main())
