"""pytest sessions in this process, over small recorded suites: no agent is started."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.integration.command_line import is_installed
from tests.workspaces import RecordedSuite, a_case, a_refund

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

PLUGIN = () if is_installed() else ("-p", "dialgate.plugin")


def run(pytester: pytest.Pytester, *arguments: str | Path) -> pytest.RunResult:
    """One session in pytester's folder."""
    return pytester.runpytest_inprocess(*PLUGIN, "-p", "no:cacheprovider", *arguments)


def a_suite(folder: Path, *ids: str, tags: tuple[str, ...] = ()) -> RecordedSuite:
    """A suite whose cases pass, by these ids and with these tags."""
    suite = RecordedSuite(folder, refunds=0)
    suite.case_ids = list(ids) or ["refund-000", "refund-001"]
    suite.cases = [a_case(id_, [a_refund(id_)], tags=list(tags)) for id_ in suite.case_ids]
    suite.write_cases()
    suite.record("2", {})
    return suite


def a_foreign_suite_file(folder: Path) -> Path:
    """What another tool calls suite.toml."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "suite.toml"
    path.write_text(f"[bench]\nname = {json.dumps('speed')}\n", "utf-8")
    return path
