"""`dial recommend` and `dial watch`: from a run and events to a move that can be signed."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest

from dialgate.dial.alarms.watching import Watch, WatchRequest
from tests.integration.command_line import Finished, dialgate
from tests.workspaces import POLICY, RecordedSuite, a_case, write_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

MORE_POLICY = """
[ladder.on_the_loop]
eval_success = 0.9
live_reviews = 200
intervention_rate = 0.02
requires = ["owner"]
[demote]
intervention_rate = 0.05
alpha = 0.01
"""
RUNBOOK = """schema = 1
[owners]
product_owner = "Ada"
reliability_engineer = "Bo"
evaluation_engineer = "Cy"
tool_registry_maintainer = "Di"
escalation_reviewer = "Ed"
"""
START = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)
NOW = ("--now", "2026-11-01")


def mail(case_id: str) -> dict[str, Any]:
    return {"name": "send_mail", "arguments": {"id": case_id}}


@pytest.fixture
def shop(tmp_path: Path) -> RecordedSuite:
    suite = RecordedSuite(tmp_path / "shop", refunds=2)
    ids = [f"mail-{index}" for index in range(40)]
    suite.case_ids += ids
    suite.cases += [a_case(case_id, [mail(case_id)]) for case_id in ids]
    suite.write_cases()
    for version in ("1", "2"):
        suite.record(version, {case_id: [mail(case_id)] for case_id in ids})
    suite.write("policy.toml", POLICY + MORE_POLICY)
    suite.write("runbook.toml", RUNBOOK)
    return suite


def an_event(index: int, *, rejected: bool = False, **more: Any) -> dict[str, Any]:
    return {
        "event_id": f"e{index}",
        "occurred_at": (START + dt.timedelta(minutes=60 * index)).isoformat(),
        "task_id": f"t{index}",
        "release": "2",
        "mode": "in_the_loop",
        "decision": "rejected" if rejected else "approved",
        "proposed": mail("m"),
        **more,
    }


def events(shop: RecordedSuite, rows: Iterable[Any]) -> str:
    write_lines(shop.folder.parent / "events.jsonl", rows)
    return "events.jsonl"


def run(shop: RecordedSuite, *arguments: str) -> Finished:
    return dialgate(*arguments, folder=shop.folder.parent)


def entry(finished: Finished, name: str = "mail") -> dict[str, Any]:
    found: dict[str, Any] = next(
        item for item in finished.verdict()["graduation"] if item["action_class"] == name
    )
    return found


def test_a_class_with_both_kinds_of_evidence_is_promoted_and_the_move_can_be_signed(
    shop: RecordedSuite,
) -> None:
    assert run(shop, "run", "shop").code == 0
    path = events(shop, (an_event(index) for index in range(300)))
    found = run(shop, "dial", "recommend", "shop", path, *NOW, "--json", "-")
    assert found.code == 0, found.err
    assert (entry(found)["move"], entry(found)["recommended"]) == ("promote", "on_the_loop")
    assert entry(found, "refund")["move"] == "hold"
    assert all(len(line) <= 80 for line in found.err.splitlines())
    (shop.folder.parent / "r.json").write_text(found.out, "utf-8")
    move = ("dial", "set", "shop", "mail", "on_the_loop", "--by", "Ada", "--evidence", "r.json")
    assert run(shop, *move).code == 0
    again = run(shop, "dial", "recommend", "shop", path, "--json", "-")
    assert entry(again)["mode"] == "on_the_loop"
    assert entry(again)["evidence"]["live_reviews"] == 0


def test_without_a_run_of_this_release_nothing_is_promoted(shop: RecordedSuite) -> None:
    assert run(shop, "run", "shop", "--release", "releases/1.toml").code == 0
    path = events(shop, (an_event(index) for index in range(300)))
    found = run(shop, "dial", "recommend", "shop", path, *NOW, "--json", "-")
    assert entry(found)["move"] == "hold"
    assert "no run record of this release" in entry(found)["missing"][0]
    (record,) = (shop.folder.parent / ".dialgate").glob("run-*")
    named = run(shop, "dial", "recommend", "shop", path, *NOW, "--json", "-", "--run", str(record))
    assert "differs from this one" in entry(named)["missing"][0]


def test_events_of_another_model_are_stale_and_named(shop: RecordedSuite) -> None:
    assert run(shop, "run", "shop").code == 0
    path = events(shop, (an_event(index, release="1") for index in range(300)))
    found = run(shop, "dial", "recommend", "shop", path, *NOW, "--json", "-")
    missing = " ".join(entry(found)["missing"])
    assert "300 reviews under release 1, whose model differ" in missing
    policy = POLICY + MORE_POLICY + '[live]\ncarry_over = ["model"]\n'
    shop.write("policy.toml", policy)
    found = run(shop, "dial", "recommend", "shop", path, *NOW, "--json", "-")
    assert entry(found)["move"] == "promote"


def climbing() -> list[dict[str, Any]]:
    return [an_event(index, rejected=index >= 400 and index % 3 == 0) for index in range(500)]


def test_a_class_whose_interventions_climb_is_demoted_by_both_commands(shop: RecordedSuite) -> None:
    assert run(shop, "run", "shop").code == 0
    path = events(shop, climbing())
    found = run(shop, "dial", "recommend", "shop", path, *NOW, "--json", "-")
    assert (found.code, entry(found)["move"], entry(found)["recommended"]) == (
        1,
        "demote",
        "shadow",
    )
    watched = run(shop, "dial", "watch", "shop", path, "--json", "-")
    page = json.loads(watched.out)
    assert (watched.code, page["action_class"], page["releases"]) == (1, "mail", ["2"])
    assert page["reason"] == entry(found)["reasons"][0]
    assert {"since", "mode", "events", "rate"} <= set(page)


def test_a_quiet_class_is_watched_with_exit_0(shop: RecordedSuite) -> None:
    path = events(shop, (an_event(index) for index in range(300)))
    watched = run(shop, "dial", "watch", "shop", path)
    assert (watched.code, watched.out) == (0, "300 events, no class is to be demoted.\n")


def test_a_daily_look_says_to_the_byte_what_a_look_at_everything_says(shop: RecordedSuite) -> None:
    folder = shop.folder.parent / "feed"
    folder.mkdir()
    rows = climbing()
    rows[450] = {**rows[450], "mode": "asleep"}
    watch = ("dial", "watch", "shop", "feed", "--json", "-")
    codes = []
    for day, first in enumerate(range(0, 500, 125)):
        write_lines(folder / f"day-{day}.jsonl", rows[first : first + 125])
        whole, daily = run(shop, *watch, "--no-state"), run(shop, *watch)
        assert (daily.code, daily.out, daily.err) == (whole.code, whole.out, whole.err)
        codes.append(daily.code)
    assert codes == [0, 0, 0, 1]
    assert "Left out: feed/day-3.jsonl: line 76" in daily.err
    (state,) = (shop.folder.parent / ".dialgate" / "watch").iterdir()
    # A move of the dial is another question, and one that is asked anew.
    moved = run(shop, "dial", "set", "shop", "mail", "shadow", "--by", "Ada")
    assert moved.code == 0
    after = run(shop, *watch)
    assert (after.code, after.out) == (0, "")
    assert f"{state.name}/state.json is of another dial: everything is read again." in after.err


def test_a_feed_without_any_event_is_not_a_quiet_one(shop: RecordedSuite) -> None:
    watched = run(shop, "dial", "watch", "shop", events(shop, ()))
    assert (watched.code, watched.out) == (4, "")
    assert "nothing was watched" in watched.err


def test_decisions_on_recorded_trajectories_neither_promote_nor_demote(shop: RecordedSuite) -> None:
    assert run(shop, "run", "shop").code == 0
    agreed = [
        an_event(index, mode="shadow", decision="agreed", source="accept") for index in range(400)
    ]
    found = run(shop, "dial", "recommend", "shop", events(shop, agreed), "--json", "-", *NOW)
    assert entry(found)["move"] == "hold"
    counts = found.verdict()["events"]
    assert (counts["rows"], counts["counted"], counts["not_live"]) == (400, 0, 400)
    differed = [an_event(index, rejected=True, source="import") for index in range(400)]
    watched = run(shop, "dial", "watch", "shop", events(shop, differed))
    assert watched.code == 4, "a feed of these alone shows nothing of production"
    assert "Left out: 400 events not from production." in watched.err


def test_events_in_the_future_promote_nothing(shop: RecordedSuite) -> None:
    assert run(shop, "run", "shop").code == 0
    path = events(shop, (an_event(index) for index in range(300)))
    found = run(shop, "dial", "recommend", "shop", path, "--now", "2026-09-05", "--json", "-")
    assert entry(found)["move"] == "hold"
    assert any("lie in the future" in text for text in entry(found)["missing"])


@pytest.mark.parametrize("command", ["recommend", "watch"])
def test_a_file_with_too_many_bad_rows_is_refused_with_each_of_them(
    shop: RecordedSuite, command: str
) -> None:
    path = events(shop, [an_event(0), {"event_id": "x"}, an_event(2, decision="auto")])
    refused = run(shop, "dial", command, "shop", path)
    assert refused.code == 2
    assert "line 2" in refused.err
    assert "line 3" in refused.err


def test_a_watch_without_a_demote_table_is_a_configuration_error(shop: RecordedSuite) -> None:
    shop.write("policy.toml", POLICY)
    refused = run(shop, "dial", "watch", "shop", events(shop, climbing()))
    assert refused.code == 2
    assert "[demote]" in refused.err


def test_following_finds_what_is_written_later_and_names_it_once(shop: RecordedSuite) -> None:
    path = shop.folder.parent / "events.jsonl"
    rows = climbing()
    write_lines(path, rows[:300])
    steps: Iterator[Callable[[], object]] = iter(
        [
            lambda: write_lines(path, rows[:450]),
            lambda: path.write_bytes(path.read_bytes() + b'{"half'),
            lambda: write_lines(path, rows),
            lambda: path.rename(path.with_name("old.jsonl")),
            lambda: write_lines(path, rows[:10]),
        ]
    )

    def wait() -> bool:
        step = next(steps, None)
        if step is not None:
            step()
        return step is not None

    request = WatchRequest(folder=shop.folder, events=path, follow=True, wait=wait)
    watch = Watch(request)
    found = list(watch.pages())
    assert [item.action_class for item in found] == ["mail"]
    assert watch.found.merged > 0


def test_events_of_a_tool_that_no_class_holds_are_watched_too(shop: RecordedSuite) -> None:
    call = {"name": "a_new_tool", "arguments": {}}
    path = events(shop, (an_event(index, rejected=True, proposed=call) for index in range(50)))
    watched = run(shop, "dial", "watch", "shop", path)
    assert (watched.code, watched.out.splitlines()[0]) == (
        1,
        "DEMOTE unclassified: in the loop → shadow",
    )
    found = run(shop, "dial", "recommend", "shop", path, *NOW, "--json", "-")
    assert entry(found, "unclassified")["move"] == "demote"


@pytest.mark.parametrize(("rate", "warned"), [("0.049", False), ("0.05", True)])
def test_lint_warns_of_a_promotion_limit_that_is_not_under_the_demotion_limit(
    shop: RecordedSuite, rate: str, warned: bool
) -> None:
    changed = MORE_POLICY.replace("intervention_rate = 0.02", f"intervention_rate = {rate}")
    shop.write("policy.toml", POLICY + changed)
    found = run(shop, "lint", "shop")
    assert ("rises and falls at the same rate" in found.out + found.err) is warned


def test_a_mode_that_another_release_earned_is_confirmed_by_what_this_one_shows(
    shop: RecordedSuite,
) -> None:
    """Nothing moves: the ledger says on which release the mode rests now."""
    assert run(shop, "run", "shop").code == 0
    promoted = ("dial", "set", "shop", "mail", "on_the_loop", "--by", "Ada", "--override", "pilot")
    assert run(shop, *promoted).code == 0
    release = shop.folder / "release.toml"
    text = release.read_text("utf-8").replace("model-2", "model-3")
    release.write_text(text.replace('version = "2"', 'version = "3"'), "utf-8")
    shop.record("3", {name: [mail(name)] for name in shop.case_ids if name.startswith("mail")})
    confirm = ("dial", "set", "shop", "mail", "on_the_loop", "--by", "Ada", "--evidence", "r.json")
    later = (START.replace(year=START.year + 5)).strftime("%Y-%m-%d")
    said = run(shop, "dial", "recommend", "shop", "--now", later, "--json", "r.json")
    assert "To confirm on the loop on this release:" in " ".join(said.out.split())
    refused = run(shop, *confirm)
    assert refused.code == 1
    assert "asked: 200 reviews" in " ".join(refused.err.split())
    assert run(shop, "run", "shop").code == 0
    moment = dt.datetime.now(dt.UTC)
    rows = [
        an_event(index, mode="on_the_loop", decision="auto", release="3")
        | {"occurred_at": (moment + dt.timedelta(hours=index)).isoformat()}
        for index in range(1, 400)
    ]
    path = events(shop, rows)
    later = (moment + dt.timedelta(days=60)).strftime("%Y-%m-%d")
    found = run(shop, "dial", "recommend", "shop", path, "--now", later, "--json", "r.json",
                "--html", "r.html", "--markdown", "r.md")  # fmt: skip
    assert "the mode can be confirmed" in " ".join(found.out.split()), found.out
    for name in ("r.html", "r.md"):
        assert "confirm: on the loop, on this release" in (
            (shop.folder.parent / name).read_text("utf-8")
        )
    done = run(shop, *confirm)
    assert done.code == 0, done.err
    assert done.out == "mail: on_the_loop confirmed on release 3 (ledger entry 2).\n"
    again = run(shop, *confirm)
    assert again.code == 1
    assert "mail is in on_the_loop already." in again.err
    after = run(shop, "dial", "recommend", "shop", "--json", "-").verdict()
    (mail_entry,) = [item for item in after["graduation"] if item["action_class"] == "mail"]
    assert "confirm" not in mail_entry
    assert run(shop, "dial", "verify", "shop").code == 0
