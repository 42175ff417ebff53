"""Cases derived from decisions on real trajectories: where reviewers are followed, where not."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from dialgate_evals.actions.trajectory import Trajectory
from dialgate_evals.scoring.scoring import Scorer
from dialgate_evals.suite.workspace import load_workspace
from tests.integration.cases.derived_shop import KEY
from tests.integration.command_line import dialgate
from tests.needed.shared_data import SHARED, needs_shared
from tests.workspaces import write_lines

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def derived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("airline")
    suite = folder / "suites" / "tau-airline"
    shutil.copytree(SHARED / "suites" / "tau-airline", suite)
    suite.chmod(0o755)
    for path in suite.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    text = (suite / "suite.toml").read_text("utf-8")
    globs = 'cases = ["cases.jsonl", "../../golden/tau-airline/reviewer/*.jsonl"]'
    text = text.replace('cases = ["cases.jsonl"]', globs)
    pointers = '["/user_id", "/name/*", "/passengers/*/first_name", "/passengers/*/last_name"]'
    (suite / "suite.toml").write_text(f"{text}\n[redact]\npointers = {pointers}\n", "utf-8")
    derive_airline(folder)
    return folder


def derive_airline(folder: Path) -> dict[str, Any]:
    done = dialgate(
        "cases", "derive", "suites/tau-airline", SHARED / "events/tau-airline-gpt-4o.jsonl",
        "--release", "releases/gpt-4o.toml", "--json", "-", folder=folder, **dict([KEY]),
    )  # fmt: skip
    assert done.code == 0, done.err
    return done.verdict()


@needs_shared
class TestRealDecisions:
    """231 decisions on what gpt-4o proposed on tau-bench airline."""

    def test_95_cases_are_derived_and_a_second_run_adds_none(self, derived: Path) -> None:
        path = derived / "golden/tau-airline/reviewer/2026-09.jsonl"
        cases = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        decisions = [case["source"]["decision"] for case in cases]
        assert (decisions.count("edited"), decisions.count("rejected")) == (45, 50)
        again = derive_airline(derived)
        assert again["files"] == []
        # It was proposed twice before and answered: which of the three was reviewed isn't said.
        assert [row["event"] for row in again["unusable"]] == ["ev-00049"]

    def test_the_corrected_call_passes_and_the_proposed_one_fails_for_each_edit(
        self, derived: Path
    ) -> None:
        workspace = load_workspace(derived / "suites" / "tau-airline")
        release = workspace.release(workspace.folder / "releases" / "gpt-4o.toml")
        scorer = Scorer(tools=release.tools, actions=workspace.actions)
        edits = [c for c in workspace.cases if (c.source or {}).get("decision") == "edited"]
        assert len(edits) == 45
        for case in edits:
            assert case.source is not None
            corrected = Trajectory(
                case_id=case.id, trial=0, messages=taking(case.source["corrected"])
            )
            proposed = Trajectory(
                case_id=case.id, trial=0, messages=taking(case.source["proposed"])
            )
            assert scorer.score(case, corrected).passed, case.id
            assert not scorer.score(case, proposed).passed, case.id

    def test_a_run_passes_where_reviewers_are_followed_and_fails_where_not(
        self, derived: Path
    ) -> None:
        suite = derived / "suites" / "tau-airline"
        text = (suite / "suite.toml").read_text("utf-8")
        only = text.replace('"cases.jsonl", ', "")
        path = derived / "golden/tau-airline/reviewer/2026-09.jsonl"
        cases = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        (suite / "suite.toml").write_text(only, "utf-8")
        try:
            for key, passed in (("corrected", 95), ("proposed", 0)):
                trials = [
                    {
                        "case_id": case["id"], "trial": 0,
                        "messages": taking(case["source"].get(key)),
                    }
                    for case in cases
                ]  # fmt: skip
                write_lines(suite / "transcripts" / "gpt-4o.jsonl", trials)
                done = dialgate(
                    "run", "suites/tau-airline", "--release", "releases/gpt-4o.toml",
                    folder=derived,
                )  # fmt: skip
                assert f"{passed} of 95 trials passed in 95 cases" in done.out, done.err
        finally:
            (suite / "suite.toml").write_text(text, "utf-8")

    def test_nobody_named_by_the_suite_is_left_and_lint_finds_no_error(self, derived: Path) -> None:
        text = (derived / "golden/tau-airline/reviewer/2026-09.jsonl").read_text("utf-8")
        assert "mia_li_3668" not in text
        assert "Kovacs" not in text
        assert dialgate("lint", "suites/tau-airline", folder=derived).code == 0


def taking(call: dict[str, Any] | None) -> list[dict[str, Any]]:
    """What an agent leaves that takes this call, or none."""
    if call is None:
        return [{"role": "assistant", "content": "I can't do that."}]
    function = {"name": call["name"], "arguments": json.dumps(call["arguments"])}
    return [
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c", "type": "function", "function": function}],
        },
        {"role": "tool", "tool_call_id": "c", "content": "ok"},
        {"role": "assistant", "content": "Done."},
    ]
