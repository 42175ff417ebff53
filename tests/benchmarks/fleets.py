"""Small fleets for tests: suites side by side, each spelled out only where it differs."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from dialgate.dial.dial_files import move_class
from dialgate_evals.suite.workspace import load_workspace
from dialgate_gate.audit.ledger import Move
from dialgate_runtime.mode import Mode
from tests.workspaces import POLICY, RecordedSuite, a_case, write_lines

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

START = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)
NOW = "2026-11-01"
LADDER = """
[ladder.on_the_loop]
eval_success = 0.9
live_reviews = 100
intervention_rate = 0.05
[ladder.out_of_the_loop]
live_reviews = 5000
[demote]
intervention_rate = 0.05
alpha = 0.01
"""
RUNBOOK = """schema = 1
[owners]
product_owner = "{owner}"
reliability_engineer = "Jonas Okafor"
evaluation_engineer = "Wei Chen"
tool_registry_maintainer = "Inès Roux"
escalation_reviewer = "Tomás Vega"
"""
EVENTS = "events/{name}.jsonl"


class FleetFolder:
    """A folder of suites, with their events beside them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def suite(
        self,
        name: str,
        *,
        mail: str = "in_the_loop",
        owner: str = "Mara Lindqvist",
        policy: str = "",
        place: str | None = None,
        mails: int = 0,
    ) -> RecordedSuite:
        """A suite whose mails are in that mode since the start; `mails`: cases that ask for one."""
        suite = RecordedSuite(self.folder / "suites" / (place or name), refunds=2)
        text = (suite.folder / "suite.toml").read_text("utf-8")
        suite.write("suite.toml", text.replace('"shop"', json.dumps(name)))
        suite.write("policy.toml", POLICY + LADDER + policy)
        suite.write("runbook.toml", RUNBOOK.format(owner=owner))
        if mail != "in_the_loop":
            move_mails(suite, mail)
        if mails:
            ids = [f"mail-{index}" for index in range(mails)]
            suite.case_ids += ids
            suite.cases += [a_case(case_id, [a_mail(case_id)]) for case_id in ids]
            suite.write_cases()
            suite.record("2", {case_id: [a_mail(case_id)] for case_id in ids})
        return suite

    def events(self, name: str, rows: Iterable[dict[str, Any]]) -> None:
        """The suite's review events."""
        write_lines(self.folder / EVENTS.replace("{name}", name), rows)


def move_mails(suite: RecordedSuite, mode: str) -> None:
    """Moves the class of mails there, on the release that the suite holds, as the ledger says."""
    release = load_workspace(suite.folder).release()
    move = Move(
        at="2026-08-31T00:00:00Z",
        by="Mara Lindqvist",
        action_class="mail",
        before=Mode.IN_THE_LOOP,
        after=Mode(mode),
        reason="for a test",
        release={
            "version": release.version,
            "fingerprint": release.fingerprint,
            "components": dict(release.components),
        },
    )
    move_class(suite.folder, move)


def a_mail(case_id: str) -> dict[str, Any]:
    """The mail that a mail case expects."""
    return {"name": "send_mail", "arguments": {"id": case_id}}


def reviews(
    count: int, *, mode: str = "in_the_loop", every: int = 0, after: int = 0, cost: float = 0.02
) -> list[dict[str, Any]]:
    """Reviews of mails, one a task and ten a day; from `after` on each `every`th is changed."""
    let, changed = {
        "in_the_loop": ("approved", "rejected"),
        "on_the_loop": ("auto", "overridden"),
        "out_of_the_loop": ("auto", "overridden"),
    }[mode]
    return [
        {
            "event_id": f"e{index}",
            "occurred_at": (START + dt.timedelta(hours=2.4 * index)).isoformat(),
            "task_id": f"t{index}",
            "release": "2",
            "mode": mode,
            "decision": changed if every and index >= after and not index % every else let,
            "proposed": a_mail(str(index)),
            "reviewer": "r1" if mode == "in_the_loop" else None,
            "cost_usd": cost,
            "latency_ms": 800,
        }
        for index in range(count)
    ]
