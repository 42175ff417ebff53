"""`dialgate check` on recorded trials: the four verdicts, their exit codes and their JSON."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.check.recorded_checks import check
from tests.integration.checkouts import git
from tests.integration.command_line import Finished, dialgate
from tests.needed.shared_data import SHARED, needs_shared
from tests.workspaces import RELEASE, RecordedSuite, a_case, a_refund

if TYPE_CHECKING:
    from pathlib import Path


def test_equal_releases_with_enough_evidence_pass(tmp_path: Path) -> None:
    finished = check(RecordedSuite(tmp_path / "shop"))
    assert finished.code == 0
    assert finished.verdict()["verdict"] == "pass"


def test_equal_releases_with_too_little_evidence_are_inconclusive(tmp_path: Path) -> None:
    finished = check(RecordedSuite(tmp_path / "shop", refunds=8))
    assert finished.code == 3
    reason = finished.verdict()["classes"][0]["reasons"][0]
    assert "28 more cases that pass on both releases" in reason


def test_an_inconclusive_verdict_is_exit_0_only_where_the_policy_allows_it(tmp_path: Path) -> None:
    suite = RecordedSuite(tmp_path / "shop", refunds=8)
    policy = (suite.folder / "policy.toml").read_text()
    suite.write("policy.toml", policy.replace("[gate]", '[gate]\ninconclusive = "allow"'))
    finished = check(suite)
    assert finished.code == 0
    assert finished.verdict()["verdict"] == "inconclusive"


def test_a_class_that_got_much_worse_fails_and_names_its_cases(tmp_path: Path) -> None:
    suite = RecordedSuite(tmp_path / "shop")
    broken: dict[str, list[Any]] = {case_id: [] for case_id in suite.case_ids[:12]}
    suite.record("2", broken)
    finished = check(suite)
    assert finished.code == 1
    verdict = finished.verdict()
    assert verdict["cases"]["broken"] == sorted(broken)
    assert verdict["classes"][0]["verdict"] == "fail"
    assert verdict["classes"][0]["p_regression"] == pytest.approx(0.5**12, rel=1e-2)


def test_one_broken_case_that_cannot_be_confirmed_stays_open(tmp_path: Path) -> None:
    suite = RecordedSuite(tmp_path / "shop", refunds=200)
    suite.record("2", {suite.case_ids[0]: []})
    finished = check(suite)
    assert finished.code == 3
    assert finished.verdict()["classes"][0]["open_suspects"] == [suite.case_ids[0]]


def test_a_deterministic_agent_needs_no_confirmation(tmp_path: Path) -> None:
    suite = RecordedSuite(tmp_path / "shop", refunds=8, extra="deterministic = true")
    assert check(suite).code == 0
    suite.record("2", {suite.case_ids[0]: []})
    assert check(suite).code == 1


def test_a_broken_critical_case_fails_whatever_the_figures(tmp_path: Path) -> None:
    suite = RecordedSuite(tmp_path / "shop", refunds=200)
    suite.cases[0]["critical"] = True
    suite.write_cases()
    suite.record("2", {suite.case_ids[0]: []})
    finished = check(suite)
    assert finished.code == 1
    assert "critical" in finished.verdict()["reasons"][0]


def test_a_release_without_its_trajectories_names_the_file_where_it_belongs(tmp_path: Path) -> None:
    suite = RecordedSuite(tmp_path / "shop", refunds=8)
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "base")
    git(tmp_path, "checkout", "-q", "-b", "change")
    suite.write("release.toml", RELEASE.format(version="3"))
    finished = dialgate("check", suite.folder, "--json", "-", folder=tmp_path)
    assert finished.code == 4
    verdict = finished.verdict()
    assert "evidence: shop/transcripts/3.jsonl: found no such file" in verdict["reasons"][0]
    nothing, few = verdict["classes"][0]["reasons"]
    assert nothing == "No trial of the candidate can be compared."
    assert few.startswith("Only 0 of the 8 cases of the class were run, fewer than the 5 that ")


def test_exchanging_the_releases_flips_every_difference(tmp_path: Path) -> None:
    suite = RecordedSuite(tmp_path / "shop")
    suite.record("2", {case_id: [] for case_id in suite.case_ids[:7]})
    there, back = check(suite).verdict(), check(suite, now="1", before="2").verdict()
    assert there["classes"][0]["difference"] == -back["classes"][0]["difference"] < 0
    low, high = there["classes"][0]["interval"]
    assert back["classes"][0]["interval"] == [-high, -low]
    assert there["cases"]["broken"] == back["cases"]["fixed"]


def test_the_same_evidence_gives_the_same_document(tmp_path: Path) -> None:
    suite = RecordedSuite(tmp_path / "shop")

    def without_times(document: dict[str, Any]) -> dict[str, Any]:
        document["usage"] |= {"wall_s": 0, "at": ""}
        document["records"] = "each check writes records of its own"
        document["nonce"] = "each check draws one"
        return document

    first, second = check(suite).verdict(), check(suite).verdict()
    assert without_times(first) == without_times(second)


def test_a_baseline_that_is_nothing_known_is_a_usage_error(tmp_path: Path) -> None:
    suite = RecordedSuite(tmp_path / "shop")
    finished = dialgate("check", suite.folder, "--baseline", "no-such-thing", folder=tmp_path)
    assert finished.code == 2
    assert "no release file" in finished.err


def test_a_run_record_serves_as_the_baseline(tmp_path: Path) -> None:
    suite = RecordedSuite(tmp_path / "shop")
    recorded = dialgate(
        "run", suite.folder, "--release", "releases/1.toml", "--out", "out", folder=tmp_path
    )
    assert recorded.code == 0
    record = next((tmp_path / "out").glob("run-*"))
    finished = dialgate("check", suite.folder, "--baseline", record, "--json", "-", folder=tmp_path)
    assert finished.code == 0
    assert "working tree" in finished.verdict()["judged_by"]


def test_a_case_removed_since_the_recorded_baseline_fails(tmp_path: Path) -> None:
    suite = RecordedSuite(tmp_path / "shop")
    dialgate("run", suite.folder, "--release", "releases/1.toml", "--out", "out", folder=tmp_path)
    record = next((tmp_path / "out").glob("run-*"))
    removed = suite.cases.pop()
    suite.case_ids.pop()
    suite.write_cases()
    suite.record("2", {})
    finished = dialgate("check", suite.folder, "--baseline", record, "--json", "-", folder=tmp_path)
    assert finished.code == 1
    assert finished.verdict()["cases"]["removed"] == [removed["id"]]


@pytest.mark.parametrize("name", ["run.json", "trials.parquet", "transcripts.jsonl.zst"])
def test_a_damaged_baseline_record_is_invalid(name: str, tmp_path: Path) -> None:
    suite = RecordedSuite(tmp_path / "shop")
    dialgate("run", suite.folder, "--release", "releases/1.toml", "--out", "out", folder=tmp_path)
    record = next((tmp_path / "out").glob("run-*"))
    if name == "trials.parquet":
        (record / name).unlink()
    else:
        (record / name).write_bytes((record / name).read_bytes()[:60])
    finished = dialgate("check", suite.folder, "--baseline", record, "--json", "-", folder=tmp_path)
    assert finished.code == 4


def test_a_first_release_is_judged_by_the_ladder_and_says_so(tmp_path: Path) -> None:
    suite = RecordedSuite(tmp_path / "shop")
    finished = dialgate("check", suite.folder, "--json", "-", folder=tmp_path)
    assert finished.code == 0
    assert finished.verdict()["baseline"] is None
    assert "no baseline" in finished.verdict()["reasons"][0]
    suite.record("2", {case_id: [] for case_id in suite.case_ids[:35]})
    assert dialgate("check", suite.folder, folder=tmp_path).code == 1


def test_an_expired_quarantine_is_a_configuration_error(tmp_path: Path) -> None:
    quarantine = (
        '[[quarantine]]\ncase = "refund-000"\nowner = "a"\nreason = "b"\nuntil = 2020-01-01\n'
    )
    suite = RecordedSuite(tmp_path / "shop")
    text = (suite.folder / "suite.toml").read_text()
    suite.write("suite.toml", text + quarantine)
    finished = check(suite)
    assert finished.code == 2
    assert "2020-01-01" in finished.err
    suite.write("suite.toml", text + quarantine.replace("2020", "2999"))
    suite.record("2", {"refund-000": []})
    finished = check(suite)
    assert finished.code == 0
    assert finished.verdict()["cases"]["quarantined"] == ["refund-000"]


def test_a_new_case_is_reported_and_counts_only_where_it_is_critical(tmp_path: Path) -> None:
    suite = RecordedSuite(tmp_path / "shop")
    dialgate("run", suite.folder, "--release", "releases/1.toml", "--out", "out", folder=tmp_path)
    record = next((tmp_path / "out").glob("run-*"))
    suite.cases.append(a_case("refund-new", [a_refund("refund-new")]))
    suite.case_ids.append("refund-new")
    suite.write_cases()
    suite.record("2", {"refund-new": []})

    def judge() -> Finished:
        return dialgate("check", suite.folder, "--baseline", record, "--json", "-", folder=tmp_path)

    assert judge().code == 0
    assert judge().verdict()["cases"]["added"] == ["refund-new"]
    suite.cases[-1]["critical"] = True
    suite.write_cases()
    assert judge().code == 1


def test_markdown_and_junit_are_written_beside_the_json(tmp_path: Path) -> None:
    suite = RecordedSuite(tmp_path / "shop")
    suite.record("2", {case_id: [] for case_id in suite.case_ids[:12]})
    finished = check(suite, "--markdown", tmp_path / "c.md", "--junit", tmp_path / "j.xml")
    assert finished.code == 1
    assert (tmp_path / "c.md").read_text().startswith("### ❌ dialgate: FAIL")
    assert 'failures="1"' in (tmp_path / "j.xml").read_text()


def test_report_renders_a_verdict_again_with_the_same_bytes(tmp_path: Path) -> None:
    suite = RecordedSuite(tmp_path / "shop")
    check(suite, "--markdown", tmp_path / "first.md")
    verdict = tmp_path / ".dialgate" / "verdict-shop.json"
    again = dialgate("report", verdict, "--markdown", "-", folder=tmp_path)
    assert again.code == 0
    assert again.out == (tmp_path / "first.md").read_text()


def test_report_refuses_what_is_no_verdict(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"schema": 1}')
    assert dialgate("report", "x.json", folder=tmp_path).code == 4


def test_diff_compares_two_records_by_what_they_hold(tmp_path: Path) -> None:
    suite = RecordedSuite(tmp_path / "shop", refunds=100)
    suite.record("2", {case_id: [] for case_id in suite.case_ids[:40]})
    for version in ("1", "2"):
        dialgate(
            "run",
            suite.folder,
            "--release",
            f"releases/{version}.toml",
            "--out",
            version,
            folder=tmp_path,
        )
    one, two = (next((tmp_path / version).glob("run-*")) for version in ("1", "2"))
    finished = dialgate("diff", one, two, "--json", "-", folder=tmp_path)
    assert finished.code == 1
    assert len(finished.verdict()["cases"]["broken"]) == 40
    assert dialgate("diff", one, one, folder=tmp_path).code == 0
    (two / "trials.parquet").write_bytes(b"PAR1")
    assert dialgate("diff", one, two, folder=tmp_path).code == 4


Compared = Callable[[str, str, str], Finished]


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Compared:
    """The check of one real release of a suite, and of the one before it; each once."""

    @cache
    def compare(suite: str, now: str, before: str) -> Finished:
        return dialgate(
            *("check", SHARED / "suites" / suite, "--release", f"releases/{now}.toml"),
            *("--baseline", f"releases/{before}.toml", "--json", "-"),
            folder=tmp_path_factory.mktemp(suite),
        )

    return compare


TAU2 = ("tau2-airline", "claude-sonnet-4-5", "gpt-4o-2024-11-20")


@needs_shared
@pytest.mark.parametrize(
    ("suite", "now", "before"),
    [("agentdojo", "claude-3-5-sonnet-20241022", "claude-3-5-sonnet-20240620"), TAU2],
)
def test_real_releases_are_compared_with_the_independent_outcomes(
    suite: str, now: str, before: str, compared: Compared
) -> None:
    finished = compared(suite, now, before)
    verdict = finished.verdict()
    expected = json.loads((SHARED / "suites" / "expected-outcomes.json").read_text())[suite]
    for side, version in (("candidate", now), ("baseline", before)):
        outcomes = {
            item["action_class"]: item[side]["outcomes"]
            for item in verdict["classes"]
            if item[side]["outcomes"]
        }
        assert outcomes == expected[version]["classes"]
    assert verdict["verdict"] == "inconclusive"
    assert finished.code == 3


@needs_shared
def test_tau2_names_needless_escalations_first_though_the_mean_rose(compared: Compared) -> None:
    by_class = {item["action_class"]: item for item in compared(*TAU2).verdict()["classes"]}
    escalate = by_class["escalate"]
    assert len(escalate["cases"]["broken"]) == 12
    assert len(escalate["cases"]["fixed"]) == 3
    assert escalate["candidate"]["outcomes"]["over_escalated"] == 14
    assert escalate["baseline"]["outcomes"]["over_escalated"] == 4
    assert by_class["booking.cancel"]["candidate"]["outcomes"]["missed"] == 6


@needs_shared
def test_a_real_release_against_itself_is_never_failed(compared: Compared) -> None:
    """One trial of each case, and four."""
    for suite, version in (("tau2-airline", "claude-sonnet-4-5"), ("tau-airline", "gpt-4o")):
        finished = compared(suite, version, version)
        assert finished.verdict()["verdict"] in {"pass", "inconclusive"}
        assert all(item["difference"] == 0 for item in finished.verdict()["classes"])


@needs_shared
def test_repeated_trials_print_pass_rates(tmp_path: Path) -> None:
    finished = dialgate(
        "run",
        SHARED / "suites" / "tau-airline",
        "--release",
        "releases/gpt-4o.toml",
        folder=tmp_path,
    )
    assert "pass^1..4:" in finished.out


@needs_shared
def test_one_corrupted_class_of_a_real_release_fails_alone(tmp_path: Path) -> None:
    source = SHARED / "suites" / "agentdojo"
    suite = tmp_path / "agentdojo"
    shutil.copytree(source, suite)
    for path in [suite, *suite.rglob("*")]:
        path.chmod(0o755)
    version = "claude-3-5-sonnet-20241022"
    text = (suite / "releases" / f"{version}.toml").read_text()
    (suite / "releases" / "corrupted.toml").write_text(
        text.replace(f'version = "{version}"', 'version = "corrupted"')
    )
    original = (suite / "transcripts" / f"{version}.jsonl").read_text()
    corrupted = original.replace('"name": "send_channel_message"', '"name": "read_inbox"')
    corrupted = corrupted.replace('"name": "send_direct_message"', '"name": "read_inbox"')
    assert corrupted != original
    (suite / "transcripts" / "corrupted.jsonl").write_text(corrupted)
    finished = dialgate(
        *("check", suite, "--release", "releases/corrupted.toml"),
        *("--baseline", f"releases/{version}.toml", "--json", "-"),
        folder=tmp_path,
    )
    failed = [c["action_class"] for c in finished.verdict()["classes"] if c["verdict"] == "fail"]
    assert (finished.code, failed) == (1, ["chat.send"])


def test_a_critical_case_that_fails_fails_a_first_release(tmp_path: Path) -> None:
    suite = RecordedSuite(tmp_path / "shop", refunds=80)
    suite.cases[3]["critical"] = True
    suite.write_cases()
    suite.record("2", {"refund-003": []})
    finished = dialgate("check", "shop", "--json", "-", folder=tmp_path)
    assert finished.code == 1
    assert finished.verdict()["baseline"] is None
    assert any("refund-003" in reason for reason in finished.verdict()["reasons"])
