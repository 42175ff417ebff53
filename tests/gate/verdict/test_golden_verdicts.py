"""What the gate says of each situation, word for word and figure for figure.

`DIALGATE_RENEW=1 python -m pytest tests/gate/verdict/test_golden_verdicts.py` writes the kept
answers anew; the difference is then for a person to read.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from dialgate_gate.verdict.documents.verdict_document import build_document
from tests.gate.verdict.made_up_gate import judge
from tests.gate.verdict.situations import SITUATIONS

KEPT = Path(__file__).with_name("golden") / "verdicts.json"


def answer(name: str) -> dict[str, Any]:
    """All that is decided, as JSON data; floats to nine digits."""
    verdict = judge(SITUATIONS[name])
    document = build_document(
        verdict, suite={"name": "golden", "digest": "sha256:0"}, judged_by="the tests"
    )
    decided: dict[str, Any] = {
        key: document[key]
        for key in (
            *("verdict", "exit_code", "reasons", "classes", "suite_estimates", "cases"),
            *("confirmation", "budget", "gaps", "pass_rates"),
        )
    }
    decided["limits"] = [asdict(item) for item in verdict.budget]
    if verdict.confirmed is not None:
        decided["decision"] = asdict(verdict.confirmed.decision)
    found: dict[str, Any] = json.loads(json.dumps(_plain(decided)))
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 9) + 0.0
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


@pytest.fixture(scope="module")
def kept() -> dict[str, Any]:
    if os.environ.get("DIALGATE_RENEW"):
        KEPT.parent.mkdir(exist_ok=True)
        answers = {name: answer(name) for name in SITUATIONS}
        KEPT.write_text(json.dumps(answers, indent=1) + "\n", "utf-8")
    document: dict[str, Any] = json.loads(KEPT.read_text("utf-8"))
    return document


@pytest.mark.parametrize("name", SITUATIONS)
def test_the_gate_says_what_it_said(name: str, kept: dict[str, Any]) -> None:
    assert answer(name) == kept[name]


def test_every_kept_answer_has_its_situation(kept: dict[str, Any]) -> None:
    assert list(kept) == list(SITUATIONS)


def test_all_four_verdicts_are_among_them(kept: dict[str, Any]) -> None:
    assert {item["verdict"] for item in kept.values()} == {
        "pass", "inconclusive", "fail", "invalid",
    }  # fmt: skip
