"""The key of a cached trial: it changes with all that decides, and stays where nothing does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.actions.redaction import Redaction
from dialgate_evals.files.json_text import digest_of
from dialgate_evals.suite.case import parse_case
from dialgate_evals.suite.comparability import comparability_key, run_key, why_not_cached
from dialgate_evals.suite.suite import AgentKind, AgentSettings, Prices, Suite
from dialgate_evals.suite.workspace import load_workspace
from tests.workspaces import RecordedSuite

if TYPE_CHECKING:
    from pathlib import Path

ACTIONS = {"class": {"refund": {"tools": ["refund"], "effect": "write", "blast_radius": "low"}}}


@given(st.text(max_size=5), st.integers(0, 10**6))
def test_a_key_is_the_digest_of_run_context_and_trial(run: str, trial: int) -> None:
    case = parse_case(
        {
            "schema": 1, "id": "c", "origin": "golden", "expect": {"actions": []},
            "messages": [{"role": "user", "content": "Go."}],
        }
    )  # fmt: skip
    told = {"run": run, "context": case.context_digest, "trial": trial}
    assert comparability_key(run, case, trial) == digest_of(told)


class TestTheKey:
    """Equal exactly where the agent would do the same for all that can be known."""

    @pytest.fixture
    def known(self, tmp_path: Path) -> dict[str, Any]:
        workspace = load_workspace(RecordedSuite(tmp_path / "shop", refunds=1).folder)
        agent = AgentSettings(kind=AgentKind.PYTHON, target="agent:respond")
        return {
            "case": workspace.cases[0],
            "trial": 0,
            "release": workspace.release(),
            "suite": replace(workspace.suite, agent=agent),
            "actions_document": ACTIONS,
            "simulator_digest": None,
        }

    def key(self, known: dict[str, Any], **changes: Any) -> str:
        merged = {**known, **changes}
        case, trial = merged.pop("case"), merged.pop("trial")
        return comparability_key(run_key(**merged), case, trial)

    def suite(self, known: dict[str, Any], **changes: Any) -> Suite:
        suite: Suite = replace(known["suite"], **changes)
        return suite

    def agent(self, known: dict[str, Any], **changes: Any) -> Suite:
        return self.suite(known, agent=replace(known["suite"].agent, **changes))

    def actions(self, **changes: Any) -> dict[str, Any]:
        return {"class": {"refund": {**ACTIONS["class"]["refund"], **changes}}}

    def test_is_stable(self, known: dict[str, Any]) -> None:
        assert self.key(known) == self.key(known)
        assert self.key(known).startswith("sha256:")

    def test_changes_with_all_that_decides(self, known: dict[str, Any]) -> None:
        case, release = known["case"], known["release"]
        said = {**case.document, "messages": [{"role": "user", "content": "Else."}]}
        answers = {**case.document, "recordings": [{"name": "look_up", "result": 1}]}
        model = {**release.components, "model": "sha256:other"}
        changed: list[dict[str, Any]] = [
            {"case": parse_case(said)},
            {"case": parse_case(answers)},
            {"trial": 1},
            {"release": replace(release, components=model)},
            {"simulator_digest": "sha256:1"},
            {"suite": self.suite(known, simulator="sim.py:World")},
            {"suite": self.suite(known, timeout_s=1.0)},
            {"suite": self.suite(known, max_turns=1)},
            {"suite": self.suite(known, prices=Prices(input=1.0, output=1.0))},
            {"suite": self.suite(known, redact=Redaction(patterns=("x",)))},
            {"suite": self.suite(known, secrets=("KEY",))},
            {"suite": self.agent(known, kind=AgentKind.COMMAND)},
            {"suite": self.agent(known, target="agent:other")},
            {"suite": self.agent(known, interpreter="python3")},
            {"suite": self.agent(known, isolated=False)},
            {"suite": self.agent(known, command=("node",))},
            {"suite": self.agent(known, url="http://x")},
            {"suite": self.agent(known, base_url="http://x")},
            {"suite": self.agent(known, model="x")},
            {"suite": self.agent(known, mcp=True)},
            {"suite": self.agent(known, memory_mb=100)},
            {"actions_document": self.actions(effect="read")},
            {"actions_document": self.actions(tools=["refund", "mail"])},
            {"actions_document": self.actions(when={"required": ["id"]})},
        ]
        keys = [self.key(known), *(self.key(known, **change) for change in changed)]
        assert len(set(keys)) == len(changed) + 1

    def test_stays_where_nothing_that_decides_changed(self, known: dict[str, Any]) -> None:
        case = known["case"]
        renamed = {**case.document, "id": "another", "expect": {"actions": []}, "tags": ["x"]}
        same: list[dict[str, Any]] = [
            {"case": parse_case(renamed)},
            {"suite": self.suite(known, trials=5, concurrency=1, retries=9, name="x")},
            {"suite": self.agent(known, workers=7, api_key_env="KEY")},
            {"actions_document": self.actions(blast_radius="high", reversible=False)},
            {"actions_document": {**ACTIONS, "arguments": {"refund": {"/id": "ignore"}}}},
            {"release": replace(known["release"], version="99", place="elsewhere.toml")},
        ]
        assert {self.key(known, **change) for change in same} == {self.key(known)}


class TestWhatIsNotCached:
    @pytest.fixture
    def suite(self, tmp_path: Path) -> RecordedSuite:
        return RecordedSuite(tmp_path / "shop", refunds=1)

    def why(self, suite: RecordedSuite, kind: AgentKind, *, code: bool) -> str | None:
        if code:
            suite.write("agent.py", "def respond(): ...")
            text = (suite.folder / "release.toml").read_text()
            suite.write("release.toml", text.replace("[model]", 'code = ["agent.py"]\n[model]'))
        workspace = load_workspace(suite.folder)
        settings = replace(workspace.suite, agent=AgentSettings(kind=kind))
        return why_not_cached(settings, workspace.release())

    @pytest.mark.parametrize("kind", [AgentKind.PYTHON, AgentKind.COMMAND, AgentKind.HTTP])
    def test_an_agent_whose_code_the_release_does_not_name(
        self, kind: AgentKind, suite: RecordedSuite
    ) -> None:
        found = self.why(suite, kind, code=False)
        assert found is not None
        assert "names no code" in found

    @pytest.mark.parametrize("kind", [AgentKind.PYTHON, AgentKind.COMMAND, AgentKind.HTTP])
    def test_but_one_whose_code_it_names(self, kind: AgentKind, suite: RecordedSuite) -> None:
        assert self.why(suite, kind, code=True) is None

    def test_but_the_built_in_loop_which_has_no_code(self, suite: RecordedSuite) -> None:
        assert self.why(suite, AgentKind.CHAT, code=False) is None

    def test_recorded_transcripts(self, suite: RecordedSuite) -> None:
        assert self.why(suite, AgentKind.TRANSCRIPT, code=True) is not None
