"""Whether a policy can pass a release that changes nothing, with the reason where it can't."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate.changes.harmless_release import check_policy
from dialgate.scaffold.doctor.finding import State
from tests.integration.command_line import dialgate
from tests.workspaces import RecordedSuite

if TYPE_CHECKING:
    from pathlib import Path


def test_a_policy_that_no_release_passes_says_what_is_missing(tmp_path: Path) -> None:
    suite = RecordedSuite(tmp_path / "shop", refunds=2)
    (found,) = check_policy(suite.folder, tmp_path)
    assert found.state is State.MEND
    assert "min_cases: found 5, and 2 cases of refund" in found.text
    assert "Add cases of refund" in found.mend
    assert "dialgate plan" in found.mend


def test_a_policy_that_passes_says_how_often_and_by_what(tmp_path: Path) -> None:
    suite = RecordedSuite(tmp_path / "shop", refunds=40)
    (found,) = check_policy(suite.folder, tmp_path)
    assert found.state is State.OK
    assert "passes 12 of 20 simulated gates" in found.text
    assert "transcripts/2.jsonl" in found.text


def test_a_policy_that_seldom_passes_is_to_be_mended(tmp_path: Path) -> None:
    suite = RecordedSuite(tmp_path / "shop", refunds=6)
    policy = (suite.folder / "policy.toml").read_text("utf-8")
    suite.write("policy.toml", policy.replace("margin = 0.10", "margin = 0.01"))
    suite.record("2", {case_id: [] for case_id in suite.case_ids[:3]})
    (found,) = check_policy(suite.folder, tmp_path)
    assert found.state is State.MEND
    assert found.mend.startswith("dialgate plan")


def test_the_command_shows_what_mends_under_each_finding(tmp_path: Path) -> None:
    suite = RecordedSuite(tmp_path / "shop", refunds=2)
    found = dialgate("doctor", suite.folder, folder=tmp_path)
    assert found.code == 2
    _, _, policy = found.out.partition("mend  policy  ")
    assert "\n              No release passes so." in policy
