"""`check` on an agent that decides by chance: suspects are confirmed before anything is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import dialgate as package
from dialgate_gate.verdict import budget
from tests.integration.check.outside import Tally, answering
from tests.integration.command_line import Finished, dialgate
from tests.integration.whole_runs import LEAST_MS
from tests.workspaces import RecordedSuite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# The agent of release "2" does what {body} says; a count stands in for chance.
AGENT = """
async def respond(messages, tools, release):
    case = messages[0]["content"].split()[-1].rstrip(".")
    number = int(ask(release["version"] + case))
    broken = False
    if release["version"] == "2":
        {body}
    if not broken:
        await tools.call("refund", {{"id": case, "amount": 10}})
    else:
        await tools.call("look_up", {{"id": case}})
    return "Done."
"""


class LiveSuite(RecordedSuite):
    """A suite of 80 cases whose agent is asked; how often, `tally` knows."""

    def __init__(self, folder: Path, tally: Tally, ask: str) -> None:
        super().__init__(folder, refunds=80)
        self.tally = tally
        self._ask = ask
        text = (self.folder / "suite.toml").read_text()
        agent = '[agent]\nkind = "python"\ntarget = "agent:respond"\nworkers = 1\n'
        self.write("suite.toml", text[: text.index("[agent]")] + agent)

    def write_agent(self, body: str, reply: str = '"Done."', first: str = "") -> None:
        code = AGENT.format(body=body).replace('"Done."', reply)
        self.write("agent.py", self._ask + first + code)


@pytest.fixture
def suite(tmp_path: Path) -> Iterator[LiveSuite]:
    tally = Tally()
    with tally.open() as ask:
        yield LiveSuite(tmp_path / "shop", tally, ask)


def check(suite: LiveSuite, body: str, reply: str = '"Done."', **policy: str) -> Finished:
    suite.write_agent(body, reply)
    text = (suite.folder / "policy.toml").read_text()
    for key, value in policy.items():
        text = text.replace("[gate]", f"[gate]\n{key} = {value}")
    suite.write("policy.toml", text)
    return compare(suite)


def compare(suite: LiveSuite) -> Finished:
    return dialgate(
        *("check", suite.folder, "--release", "releases/2.toml"),
        *("--baseline", "releases/1.toml", "--json", "-"),
        folder=suite.folder.parent,
    )


def test_a_case_that_failed_once_by_chance_is_cleared(suite: LiveSuite) -> None:
    finished = check(suite, 'broken = case == "refund-003" and number == 0')
    verdict = finished.verdict()
    assert verdict["confirmation"]["cleared"] == ["refund-003"]
    # The candidate passed its fresh trial, so the baseline's was not needed.
    assert verdict["confirmation"]["agent_calls"] == 1
    assert verdict["verdict"] == "pass"
    assert finished.code == 0


def test_cases_that_broke_are_confirmed_and_fail_their_class(suite: LiveSuite) -> None:
    finished = check(suite, 'broken = case in ("refund-003", "refund-004", "refund-005")')
    verdict = finished.verdict()
    assert finished.code == 1
    assert (
        "refund/success" in verdict["confirmation"]["shown"]
        or "suite" in (verdict["confirmation"]["shown"])
    )
    assert "in fresh trials (p " in verdict["reasons"][0]
    assert verdict["confirmation"]["open"] == ["refund-003", "refund-004", "refund-005"]
    assert verdict["usage"]["agent_calls"] == 160 + verdict["confirmation"]["agent_calls"]
    assert verdict["confirmation"]["agent_calls"] <= 24


def test_a_spent_budget_leaves_suspects_open_and_says_so(suite: LiveSuite) -> None:
    finished = check(suite, 'broken = case == "refund-003"', max_agent_calls="162")
    verdict = finished.verdict()
    assert finished.code == 3
    assert verdict["confirmation"]["out_of_budget"]
    assert any("raise max_agent_calls" in reason for reason in verdict["reasons"])


def test_without_confirmation_a_suspect_stays_open(suite: LiveSuite) -> None:
    finished = check(suite, 'broken = case == "refund-003"', confirm_trials="0")
    assert finished.code == 3
    assert finished.verdict()["confirmation"] is None


DEAR = '{"reply": "Done.", "cost_usd": 0.01}'


def test_a_spent_cost_leaves_suspects_open_and_says_so(suite: LiveSuite) -> None:
    finished = check(suite, 'broken = case == "refund-003"', DEAR, max_cost_usd="1.605")
    verdict = finished.verdict()
    assert finished.code == 3
    assert verdict["confirmation"]["out_of_budget"]
    assert verdict["confirmation"]["agent_calls"] == 0
    assert any("max_cost_usd" in reason for reason in verdict["reasons"])


def test_a_cost_that_is_paid_for_lets_suspects_be_confirmed(suite: LiveSuite) -> None:
    finished = check(suite, 'broken = case == "refund-003" and number == 0', DEAR, max_cost_usd="2")
    verdict = finished.verdict()
    assert finished.code == 0
    assert verdict["confirmation"]["cost_usd"] == pytest.approx(0.01)
    # 159 of the first 160 trials say what they cost: the broken one ended before.
    assert verdict["usage"]["cost_usd"] == pytest.approx(1.60)


def test_costs_that_nobody_knows_are_no_limit(suite: LiveSuite) -> None:
    body = 'broken = case == "refund-003" and number == 0'
    assert check(suite, body, max_cost_usd="0.000001").code == 0


def test_first_runs_over_the_budget_are_not_begun(suite: LiveSuite) -> None:
    finished = check(suite, "pass", max_agent_calls="159")
    assert finished.code == 4
    assert "gate.max_agent_calls" in finished.err
    assert "80 trials to run, with 79 calls left" in finished.err
    assert suite.tally.counts.total() == 80


def test_a_small_class_passes_after_further_blocks(suite: LiveSuite) -> None:
    suite.cases = suite.cases[:30]
    suite.write_cases()
    finished = check(suite, "pass")
    verdict = finished.verdict()
    assert finished.code == 0
    assert verdict["confirmation"]["rounds"]["refund"] >= 2
    assert verdict["confirmation"]["agent_calls"] <= 3 * 2 * 30
    (entry,) = (item for item in verdict["classes"] if item["action_class"] == "refund")
    assert entry["interval"][0] >= -entry["margin"]
    assert "blocks of trials" in entry["reasons"][0]


@pytest.fixture(scope="module")
def confirmed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LiveSuite, Finished]]:
    """A suite with a case that broke for good, and its check; each start of an agent is counted."""
    tally = Tally()
    with tally.open() as ask:
        suite = LiveSuite(tmp_path_factory.mktemp("confirmed") / "shop", tally, ask)
        suite.write_agent('broken = case == "refund-003"', first='ask("a start")\n')
        yield suite, compare(suite)


def test_both_agents_are_started_once_for_all_fresh_trials(
    confirmed: tuple[LiveSuite, Finished],
) -> None:
    suite, finished = confirmed
    assert finished.verdict()["confirmation"]["agent_calls"] > 4
    # Screening starts one worker for each side, confirmation another one each.
    assert suite.tally.counts["a start"] == 4


def test_fresh_trials_are_on_record(confirmed: tuple[LiveSuite, Finished]) -> None:
    suite, _ = confirmed
    records = (suite.folder.parent / ".dialgate/confirmation").glob("run-*")
    runs = [package.load(record) for record in records]
    trials = [run.trials for run in runs]
    assert all("agent.py" in run.document["loaded"]["files"] for run in runs)
    assert sorted(set(frame.case_id).pop() for frame in trials) == ["refund-003", "refund-003"]


def test_a_run_of_some_cases_is_no_baseline(suite: LiveSuite) -> None:
    suite.write_agent("broken = case == 'refund-070'")
    folder = suite.folder.parent
    chosen = [part for case_id in suite.case_ids[:60] for part in ("--case", case_id)]
    for out, more in (("some", [*chosen, "--release", "releases/1.toml"]), ("all", [])):
        done = dialgate("run", suite.folder, *more, "--out", out, folder=folder)
        assert done.code == 0, done.err
    some, everything = (next((folder / out).glob("run-*")) for out in ("some", "all"))
    checked = dialgate(
        *("check", suite.folder, "--release", "releases/2.toml", "--baseline", some),
        *("--json", "-"),
        folder=folder,
    )
    assert checked.code == 4
    assert "holds 60 of the suite's 80 cases" in checked.verdict()["gaps"][0]["reason"]
    compared = dialgate("diff", some, everything, folder=folder)
    assert compared.code == 4
    assert dialgate("diff", some, some, folder=folder).code in {0, 3}


def test_a_false_claim_to_be_deterministic_is_named_with_its_case(suite: LiveSuite) -> None:
    text = (suite.folder / "suite.toml").read_text()
    suite.write("suite.toml", text.replace("[agent]", "deterministic = true\n[agent]"))
    finished = check(suite, 'broken = case == "refund-007" and number == 0')
    assert finished.code == 4
    document = finished.verdict()
    assert [gap["gap"] for gap in document["gaps"]] == ["not_deterministic"]
    assert "refund-007" in document["reasons"][0]
    assert not any("certain" in reason for reason in document["reasons"])
    assert document["usage"]["agent_calls"] == 2 * (80 + 1 + 10)
    again = [package.load(folder) for folder in (suite.folder.parent / ".dialgate/claim").glob("*")]
    assert len(again) == 2
    assert all("agent.py" in run.document["loaded"]["files"] for run in again)


def test_an_agent_whose_process_ends_on_one_case_fails_it_and_that_is_said(
    suite: LiveSuite,
) -> None:
    # Each of its ends has what runs beside it run again, alone.
    text = (suite.folder / "suite.toml").read_text()
    suite.write("suite.toml", text.replace("[agent]", "concurrency = 2\n[agent]"))
    ends = 'os._exit(1) if case == "refund-003" and release["version"] == "2" else None'
    suite.write_agent(f"broken = {ends}", first="import os\n")
    finished = compare(suite)
    assert finished.code == 1
    usage = finished.verdict()["usage"]
    assert usage["baseline"]["workers_died"] == 0
    # Once among others, once alone, and in the fresh trials.
    assert usage["candidate"]["workers_died"] >= 3
    assert "The agent's process died" in finished.err


class ClockByHand:
    """What the engine measures trials by: each agent's trial puts it on, so many milliseconds."""

    def __init__(self, **ms: int) -> None:
        self.now_s, self.ms = 0.0, ms

    def perf_counter(self) -> float:
        return self.now_s

    def put_on(self, asked: str) -> str:
        self.now_s += self.ms[f"release_{asked[0]}"] / 1000
        return "0"


@pytest.mark.parametrize("ms", [LEAST_MS - 1, LEAST_MS])
def test_a_release_that_takes_longer_fails_once_people_would_notice(
    ms: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = ClockByHand(release_1=10, release_2=ms)
    monkeypatch.setattr("dialgate_evals.running.engine.time", clock)
    monkeypatch.setattr(budget, "_LEAST_MS", LEAST_MS)
    with answering(clock.put_on) as ask:
        suite = LiveSuite(tmp_path / "shop", Tally(), ask)
        suite.write("suite.toml", "concurrency = 1\n" + (suite.folder / "suite.toml").read_text())
        policy = (suite.folder / "policy.toml").read_text()
        limited = policy.replace("[gate.default]", "[gate.default]\nlatency_p95_ratio = 3")
        suite.write("policy.toml", limited)
        finished = check(suite, "pass")
    sentence = "P95 latency is 25.00 times the baseline's [25.00, 25.00] over 80 cases"
    is_noticed = ms == LEAST_MS
    assert finished.code == (1 if is_noticed else 0)
    assert any(sentence in reason for reason in finished.verdict()["reasons"]) is is_noticed
