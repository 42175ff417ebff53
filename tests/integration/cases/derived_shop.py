"""A small shop whose review events become cases by the command."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dialgate.cases.deriving import DeriveRequest, derive
from tests.integration.command_line import Finished, dialgate
from tests.workspaces import RecordedSuite, a_refund, write_lines

if TYPE_CHECKING:
    from pathlib import Path

KEY = ("DIALGATE_PSEUDONYM_KEY", "a key that only tests know of")


GLOBS = 'cases = ["cases.jsonl", "../../golden/shop/reviewer/*.jsonl"]'


def an_event(number: int, decision: str, **more: Any) -> dict[str, Any]:
    """A decision on a refund of its own task."""
    mode = {"overridden": "on_the_loop", "differed": "shadow", "agreed": "shadow"}
    return {
        "event_id": f"ev-{number:03d}",
        "occurred_at": f"2026-10-{1 + number % 28:02d}T09:00:00Z",
        "task_id": f"task-{number}",
        "release": "1",
        "mode": mode.get(decision, "in_the_loop"),
        "decision": decision,
        "proposed": a_refund(f"R-{number}"),
        "corrected": None,
        "reviewer": f"reviewer-{number % 2}",
        "reason": "because",
        "latency_ms": None,
        "cost_usd": None,
        "messages": [{"role": "user", "content": f"Please refund R-{number}."}],
        "recordings": [],
        **more,
    }


def an_edit(number: int, amount: int = 5, **more: Any) -> dict[str, Any]:
    corrected = {"name": "refund", "arguments": {"id": f"R-{number}", "amount": amount}}
    return an_event(number, "edited", corrected=corrected, **more)


class Shop:
    """A workspace with a suite that looks for reviewer cases."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.suite = RecordedSuite(folder / "suites" / "shop", refunds=2)
        self.reviewer = folder / "golden" / "shop" / "reviewer"
        self.settings()

    def settings(self, extra: str = "") -> None:
        text = (self.suite.folder / "suite.toml").read_text("utf-8").split("[redact]")[0]
        self.suite.write(
            "suite.toml", text.replace('cases = ["cases.jsonl"]', GLOBS).rstrip() + "\n" + extra
        )

    def derive(self, events: list[Any], approvals: int = 5) -> dict[str, Any]:
        """Derives in this process, files and all; `run` is the command."""
        write_lines(self.folder / "events.jsonl", events)
        return derive(
            DeriveRequest(
                folder=self.suite.folder,
                events=str(self.folder / "events.jsonl"),
                release=None,
                out=None,
                approvals=approvals,
                dry_run=False,
            )
        )

    def run(self, events: list[Any], *options: str) -> Finished:
        write_lines(self.folder / "events.jsonl", events)
        return dialgate(
            "cases", "derive", "suites/shop", "events.jsonl", *options, folder=self.folder
        )

    def lines(self, name: str = "2026-10.jsonl") -> list[dict[str, Any]]:
        path = self.reviewer / name
        if not path.is_file():
            return []
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()]

    def entries(self) -> list[dict[str, Any]]:
        return self.lines("aside/adjudicate.jsonl")
