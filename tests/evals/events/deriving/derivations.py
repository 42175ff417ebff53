"""Events made into cases in this process: one call for what the tests of deriving ask."""

from __future__ import annotations

from typing import Any

from dialgate_evals.actions.action_classes import ActionRegistry, parse_classes
from dialgate_evals.actions.argument_rules import parse_rules
from dialgate_evals.actions.redaction import Redaction
from dialgate_evals.actions.trajectory import parse_trajectory
from dialgate_evals.events.deriving.calls import CallJudge
from dialgate_evals.events.deriving.claims import ClaimReader
from dialgate_evals.events.deriving.derivation import Derivation, DeriveSettings, Standing
from dialgate_evals.events.deriving.derive import derive_cases
from dialgate_evals.events.deriving.redacting.pseudonyms import Pseudonyms
from dialgate_evals.events.deriving.redacting.redaction_rules import redaction_rules
from dialgate_evals.events.review_event_lines import EventLines
from dialgate_evals.files.json_text import json_line, parse_json
from dialgate_evals.scoring.scoring import Scorer
from dialgate_evals.suite.case import parse_case
from tests.evals.builders import ACTIONS, call, tools
from tests.workspaces import a_trial

REGISTRY = ActionRegistry(
    classes=parse_classes(ACTIONS), rules={"pay": parse_rules({"/note": "ignore"})}
)


JUDGE = CallJudge(tools=tools(), actions=REGISTRY)


ONE, TWO, THREE = call("pay", 1), call("pay", 2), call("pay", 3)


def a_reader(**redact: Any) -> ClaimReader:
    return ClaimReader(
        judge=JUDGE,
        rules=redaction_rules(Redaction(**redact), {}),
        pseudonyms=Pseudonyms(key=b"a key that only tests know of"),
        prompts=frozenset({"Be kind."}),
    )


def an_event(number: int, decision: str, **more: Any) -> dict[str, Any]:
    """A decision on `ONE`, all in the same context, each in its own task."""
    return {
        "event_id": f"e{number}", "occurred_at": f"2026-10-01T09:{number:02d}:00Z",
        "task_id": f"t{number}", "release": "1", "mode": "in_the_loop", "decision": decision,
        "proposed": ONE, "messages": [{"role": "user", "content": "Go."}], **more,
    }  # fmt: skip


def derived(
    rows: list[Any],
    standing: Standing | None = None,
    reader: ClaimReader | None = None,
    approvals: int = 0,
) -> Derivation:
    lines = EventLines()
    for index, row in enumerate(rows):
        lines.add(row, f"line {index}", "events.jsonl")
    assert len(lines.events) + len(lines.bad) + lines.merged == lines.rows == len(rows)
    found = derive_cases(
        lines.events,
        standing or Standing(),
        reader or a_reader(),
        DeriveSettings(suite="s", holdout_share=0.2, approvals=approvals),
    )
    assert len(found.fates) == len(lines.events)
    return found


def standing_after(found: Derivation) -> Standing:
    """What the files hold when the derivation was written into empty ones, and read again."""

    def read(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [parse_json(json_line(document)) for document in documents]

    return Standing(
        cases=tuple(parse_case(document) for document in read(found.added)),
        candidates=tuple(parse_case(document) for document in read(found.candidates)),
        entries=tuple(read(found.entries)),
    )


def passes(document: dict[str, Any], *calls: dict[str, Any]) -> bool:
    scorer = Scorer(tools=JUDGE.tools, actions=REGISTRY)
    score = scorer.score(parse_case(document), parse_trajectory(a_trial("c", calls)))
    return score.passed is True
