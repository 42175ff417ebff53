"""A drill for a person at a terminal: a pure function of its statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.files.plain_text import printable
from dialgate_reports.words.case_text import wrap

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAMES = {
    "kill-switch": "The kill switch",
    "rollback": "The rollback",
    "compensation": "Compensation",
}


def render_drill(statement: Mapping[str, Any]) -> str:
    """Whether it held, what was seen, and why it did not."""
    said = statement["predicate"]
    release = said["release"]
    word = "held" if said["held"] else "did not hold"
    where = "in production" if said["live"] else "in a drill"
    head = (
        f"{_NAMES[said['kind']]} {word} {where}: {said['suite']}, "
        f"{release['name']} {release['version']}."
    )
    lines = [wrap(printable(head), 80)]
    lines += [wrap(printable(text), 80, "  ", "    ") for text in said["sentences"]]
    lines += [wrap(printable(text), 80, "  ✗ ", "    ") for text in said["findings"]]
    return "\n".join(lines)
