"""What `check` says before it pays, and what `lint` says of a policy that passes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.integration.check.test_plan import live
from tests.integration.command_line import dialgate
from tests.workspaces import RecordedSuite

if TYPE_CHECKING:
    from pathlib import Path


def test_a_live_check_says_its_price_on_standard_error(tmp_path: Path) -> None:
    suite = live(tmp_path, cases=6)
    release = (suite.folder / "release.toml").read_text()
    (suite.folder / "before.toml").write_text(release.replace("version = ", "version = ", 1))
    done = dialgate(
        "check", "shop", "--baseline", "shop/before.toml", "--json", "-", folder=tmp_path
    )
    assert "This check may make 2,000 agent calls" in done.err
    assert "This check may make" not in done.out


def test_a_recorded_check_costs_nothing_and_says_nothing(tmp_path: Path) -> None:
    suite = RecordedSuite(tmp_path / "shop")
    done = dialgate("check", "shop", "--baseline", "shop/release.toml", folder=suite.folder.parent)
    assert "This check may make" not in done.err


def test_lint_names_a_budget_that_pays_for_no_passing_release(tmp_path: Path) -> None:
    suite = live(tmp_path, cases=3)
    suite.write("policy.toml", "schema = 1\n[gate]\nmax_agent_calls = 40\n[gate.default]\n")
    done = dialgate("lint", "shop", folder=tmp_path)
    text = " ".join((done.out + done.err).split())
    assert "pays for no passing release" in text
    assert "min_cases" in text
    assert done.code == 0
