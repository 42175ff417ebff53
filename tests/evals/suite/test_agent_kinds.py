"""An agent kind is known to the schema, to the pages and to the dresses of the example agent."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialgate_evals.files.schema_validation import file_schema
from dialgate_evals.suite.suite import AgentKind
from tests.integration.agents.test_every_dress import DRESSES

DOCS = Path(__file__).parents[3] / "docs"


def test_the_schema_knows_every_kind() -> None:
    known = file_schema("suite")["properties"]["agent"]["properties"]["kind"]["enum"]
    assert set(known) == {kind.value for kind in AgentKind}, "suite.schema.json: agent.kind"


@pytest.mark.parametrize("kind", AgentKind)
def test_every_kind_is_on_a_page(kind: AgentKind) -> None:
    pages = ("how-to/reach-your-agent.md", "reference/agent-protocol.md")
    text = "\n".join((DOCS / page).read_text("utf-8") for page in pages)
    assert f'"{kind}"' in text or f"`{kind}`" in text, f"docs/how-to/reach-your-agent.md: {kind}"


@pytest.mark.parametrize("kind", [kind for kind in AgentKind if kind is not AgentKind.TRANSCRIPT])
def test_every_kind_that_runs_is_a_dress_of_the_example_agent(kind: AgentKind) -> None:
    assert kind.value in DRESSES, "tests/integration/agents/test_every_dress.py: DRESSES"
