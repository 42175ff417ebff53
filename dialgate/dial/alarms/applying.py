"""What becomes of a page: with `--apply` its class falls one mode, by `system`; then it is sent.

Into dial and ledger as `dial set` does; a class falls once however many pages it has.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dialgate.dial.alarms.notifying import send
from dialgate.dial.dial_files import move_class, read_state, repair, written_time
from dialgate_evals.actions.action_classes import UNCLASSIFIED
from dialgate_evals.files.json_text import digest_of
from dialgate_gate.audit.ledger import Move
from dialgate_gate.settings.people.owners import SYSTEM
from dialgate_reports.graduation.page_text import render_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate.dial.alarms.notifying import Destination, Sent
    from dialgate_evals.suite.workspace import Workspace
    from dialgate_gate.live.alarms.page import Page


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is done about each page of one watch."""

    workspace: Workspace
    is_applied: bool
    to: tuple[Destination, ...]
    sent: Sent
    moved: set[str] = field(default_factory=set)
    # classes that fell in this watch

    def to_page(self, page: Page) -> Iterator[str]:
        """A sentence on each move and each failed delivery.

        Raises EvidenceError where dial.toml and its ledger don't agree.
        """
        if self.is_applied and page.to is not None and page.action_class not in self.moved:
            self.moved.add(page.action_class)
            yield apply_page(self.workspace, page)
        yield from send(page, render_page(page.as_json()), self.to, self.sent)


def apply_page(workspace: Workspace, page: Page) -> str:
    """Moves the page's class to where the page says; a sentence on it."""
    assert page.to is not None
    folder, name = workspace.folder, page.action_class
    repair(folder)
    action_class = workspace.actions.get(name) or UNCLASSIFIED
    before = read_state(folder).settings.mode_of(action_class)
    if before is not page.mode:
        return f"{name} is in {before} by now: it was not moved."
    entry = move_class(
        folder,
        Move(
            at=written_time(dt.datetime.now(dt.UTC)),
            by=SYSTEM,
            action_class=name,
            before=before,
            after=page.to,
            evidence=digest_of(page.as_json()),
            reason=f"dial watch: {page.alarm.found}",
        ),
    )
    return f"{name}: {before} → {page.to} (ledger entry {entry.number})."
