"""Plays the steps in a project's folder and counts keys, lines, steps and the machine's time."""

from __future__ import annotations

import re
import resource
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.outside.newcomer.page import CASES, keys_of, lines_of, steps_of, words_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.outside.newcomer.page import Step

KEY_S, LINE_S = 0.3, 2.0
VERDICT_LINES = 3
"""What says all of the last screen."""
_PROMPT = re.compile(r"^(> .*|\d+ of \d+ undecided.*)$")
_LONGEST_S = 900


@dataclass(kw_only=True)
class Walk:
    """What a start costs."""

    start: str
    steps: int = 0
    keys: int = 0
    lines: int = 0
    machine_s: float = 0.0
    # by the clock
    processor_s: float = 0.0
    last: str = ""
    # what the last command printed
    said: str = ""
    # and all of them

    @property
    def words(self) -> set[str]:
        """What a newcomer has to know."""
        return words_of(self.start)

    @property
    def hand_s(self) -> float:
        """What a person takes for keys and lines."""
        return self.keys * KEY_S + self.lines * LINE_S

    @property
    def total_s(self) -> float:
        """Person and machine, by what the commands took of the processors."""
        return self.hand_s + self.processor_s

    def row(self) -> str:
        """A line of the page's table."""
        times = " | ".join(map(_minutes, (self.hand_s, self.processor_s, self.total_s)))
        counts = " | ".join(map(str, (self.steps, self.keys, self.lines, len(self.words))))
        return f"| {self.start} | {counts} | {times} |\n"


HEAD = (
    "| start | steps | keys | lines read | words | person | machine | together |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- |\n"
)


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f} min"


def walk(
    start: str, folder: Path, environment: Mapping[str, str], replaced: Mapping[str, str]
) -> Walk:
    """Plays the start in the folder; `replaced` says what stands for a package's name here.

    Raises AssertionError where a command but the last fails.
    """
    made = Walk(start=start, lines=lines_of(start))
    steps = list(steps_of(start))
    for number, step in enumerate(steps):
        is_last = number == len(steps) - 1
        made.steps += 1
        made.keys += keys_of(step)
        if step.paste_into is not None:
            _paste(folder / step.paste_into, step.text)
        else:
            _type(made, step, folder, environment, replaced, is_last=is_last)
    return made


def _type(
    made: Walk,
    step: Step,
    folder: Path,
    environment: Mapping[str, str],
    replaced: Mapping[str, str],
    *,
    is_last: bool,
) -> None:
    answers = "a\n" * CASES + "\n" if step.text.startswith("dialgate accept") else ""
    command = step.text
    for name, value in replaced.items():
        command = command.replace(name, value)
    began, before = time.monotonic(), _processor_s()
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=dict(environment), input=answers, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=_LONGEST_S,
    )  # fmt: skip
    made.machine_s += time.monotonic() - began
    made.processor_s += _processor_s() - before
    made.last = done.stdout
    made.said += f"$ {step.text}\n{done.stdout}"
    assert is_last or done.returncode == 0, made.said
    printed = [line for line in done.stdout.splitlines() if line.strip()]
    read = [line for line in printed if not _PROMPT.match(line)]
    made.lines += VERDICT_LINES if is_last else len(read)


def _processor_s() -> float:
    """What commands that ended have taken of the processors."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _paste(path: Path, code: str) -> None:
    """A new file, or before the last lines of a module."""
    if not path.exists():
        path.write_text(code, "utf-8")
        return
    head, main, rest = path.read_text("utf-8").rpartition("if __name__")
    path.write_text(f"{head}{code}\n\n{main}{rest}", "utf-8")
