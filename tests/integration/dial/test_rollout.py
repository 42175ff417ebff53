"""`dialgate rollout`: two releases' events become a decision, a document and an exit code."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.command_line import Finished, dialgate
from tests.workspaces import RecordedSuite, write_lines

if TYPE_CHECKING:
    from pathlib import Path

START = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


@pytest.fixture
def shop(tmp_path: Path) -> RecordedSuite:
    return RecordedSuite(tmp_path / "shop", refunds=2)


def tasks(
    release: str, count: int, bad: int, *, day: int = 0, reviews: int = 1
) -> list[dict[str, Any]]:
    """Tasks of one release on one day; each of the first `bad` has one intervention."""
    made = []
    for index in range(count):
        for review in range(reviews):
            is_bad = index < bad and review == 0
            made.append(
                {
                    "event_id": f"{release}-{day}-{index}-{review}",
                    "occurred_at": (START + dt.timedelta(days=day, seconds=index)).isoformat(),
                    "task_id": f"{release}-{day}-{index}",
                    "release": release,
                    "mode": "in_the_loop",
                    "decision": "rejected" if is_bad else "approved",
                    "proposed": {"name": "send_mail", "arguments": {"id": f"{index}-{review}"}},
                }
            )
    return made


def rollout(shop: RecordedSuite, rows: list[dict[str, Any]], *more: str) -> Finished:
    write_lines(shop.folder.parent / "events.jsonl", rows)
    arguments = ("rollout", "shop", "events.jsonl", "--candidate", "2", "--baseline", "1")
    now = ("--now", "2026-11-29", "--json", "-")
    return dialgate(*arguments, *now, *more, folder=shop.folder.parent)


@pytest.mark.parametrize(
    ("bad", "count", "code", "decision"),
    [(8, 400, 0, "promote"), (40, 200, 1, "roll_back"), (2, 60, 3, "wait")],
)
def test_the_decision_is_the_exit_code(
    bad: int, count: int, code: int, decision: str, shop: RecordedSuite
) -> None:
    done = rollout(shop, [*tasks("1", 3000, 60), *tasks("2", count, bad)])
    assert (done.code, done.verdict()["decision"]) == (code, decision)
    (row,) = done.verdict()["classes"]
    assert row["candidate"]["reviewed"] == count
    assert (row["tasks_to_decide"] is not None) is (decision == "wait")
    assert done.err.startswith(decision.upper().replace("_", " "))


def test_waiting_is_a_success_where_only_a_roll_back_ends_it(shop: RecordedSuite) -> None:
    rows = [*tasks("1", 3000, 60), *tasks("2", 60, 2)]
    assert rollout(shop, rows, "--hold").code == 0
    worse = [*tasks("1", 3000, 60), *tasks("2", 200, 40)]
    assert rollout(shop, worse, "--hold").code == 1


def test_several_reviews_of_a_task_are_one_observation(shop: RecordedSuite) -> None:
    rows = [*tasks("1", 900, 18, reviews=3), *tasks("2", 60, 2, reviews=3)]
    (row,) = rollout(shop, rows).verdict()["classes"]
    assert (row["candidate"]["reviewed"], row["baseline"]["intervened"]) == (60, 18)


def test_only_days_on_which_both_ran_count_unless_all_are_asked_for(shop: RecordedSuite) -> None:
    rows = [*tasks("1", 3000, 60), *tasks("2", 200, 40, day=3)]
    done = rollout(shop, rows)
    assert done.code == 3
    assert "No task under 1 since 2026-11-04" in " ".join(done.err.split())
    assert rollout(shop, rows, "--all-days").code == 1


def test_no_task_of_the_candidate_waits_and_none_of_the_baseline_is_no_evidence(
    shop: RecordedSuite,
) -> None:
    none = rollout(shop, tasks("1", 50, 1))
    assert (none.code, none.verdict()["classes"]) == (3, [])
    assert "no task under 2 yet" in " ".join(none.err.split())
    assert rollout(shop, tasks("2", 50, 1)).code == 4


def test_a_release_is_not_compared_with_itself(shop: RecordedSuite) -> None:
    write_lines(shop.folder.parent / "events.jsonl", tasks("1", 5, 1))
    same = ("--candidate", "1", "--baseline", "1")
    done = dialgate("rollout", "shop", "events.jsonl", *same, folder=shop.folder.parent)
    assert done.code == 2


def test_an_undecided_gate_hands_over_with_a_stop_rule(shop: RecordedSuite) -> None:
    """Two recorded trials decide nothing; the figures are the verdict's own."""
    from dialgate_gate.live.rollout.stop_rule import tasks_to_decide

    done = dialgate(
        "check", "shop", "--baseline", "releases/1.toml", "--json", "-", folder=shop.folder.parent
    )
    document = done.verdict()
    assert document["verdict"] == "inconclusive", json.dumps(document)[:500]
    rule = document["rollout"]
    asked = tasks_to_decide(rule["rate"], margin=0.05, alpha=0.05, share=rule["share"])
    assert rule["tasks"] == asked
    assert f"a rollout of {100 * rule['share']:g} % for about" in " ".join(done.err.split())
