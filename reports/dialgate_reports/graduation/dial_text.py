"""The dial for a person at a terminal: one row a class, four positions, in 80 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tabulate import tabulate

from dialgate_evals.events.review_events import Mode
from dialgate_evals.files.plain_text import printable, shorten
from dialgate_reports.words.case_text import wrap

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_gate.settings.dial import DialSettings
    from dialgate_runtime.lookup.standing import Standing

_POSITIONS = {
    Mode.SHADOW: "●───", Mode.IN_THE_LOOP: "─●──", Mode.ON_THE_LOOP: "──●─",
    Mode.OUT_OF_THE_LOOP: "───●",
}  # fmt: skip


def render_dial(
    actions: ActionRegistry,
    settings: DialSettings,
    standings: Iterable[Standing] = (),
    *,
    warning: str | None = None,
) -> str:
    """Every class with its mode, since when and by whom; a default mode says so.

    Beneath it the classes of which a runtime gets less, and why.
    """
    rows = []
    for item in actions.classes:
        mode = settings.mode_of(item)
        entry = settings.entries.get(item.name)
        signed = (
            "by default"
            if entry is None
            else f"{entry.since:%Y-%m-%d}, {shorten(printable(entry.by), 20)}"
        )
        name = shorten(printable(item.name), 28)
        rows.append([name, _POSITIONS[mode], mode.value.replace("_", " "), signed])
    heads = ["class", "dial", "mode", "since"]
    lines = [tabulate(rows, heads, tablefmt="simple", disable_numparse=True), ""]
    for standing in standings:
        if standing.effective is not standing.dial:
            now = standing.effective.value.replace("_", " ")
            lines.append(
                wrap(printable(f"{standing.action_class} is {now} now. {standing.why}"), 80)
            )
    lines += [] if warning is None else [wrap(printable(warning), 80)]
    return "\n".join(lines).rstrip() + "\n"
