"""`dialgate evidence`: what production showed, per class, release and mode, from every source."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest

from dialgate.dial.evidence import EvidenceRequest, gather_evidence
from tests.evals.events.event_tables import TYPES, write_csv, write_duckdb, write_parquet
from tests.integration.command_line import Finished, dialgate
from tests.needed.shared_data import SHARED, needs_shared
from tests.workspaces import POLICY, RecordedSuite, write_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

NOW = ("--now", "2026-11-01")
START = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)
DEMOTE = "[demote]\nintervention_rate = 0.05\nalpha = 0.01\n"


@pytest.fixture
def shop(tmp_path: Path) -> RecordedSuite:
    suite = RecordedSuite(tmp_path / "shop", refunds=2)
    suite.write_cases()
    suite.write("policy.toml", POLICY + DEMOTE)
    return suite


def an_event(index: int, **more: Any) -> dict[str, Any]:
    return {
        "event_id": f"e{index}",
        "occurred_at": (START + dt.timedelta(hours=index)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "task_id": f"t{index}",
        "release": "2",
        "mode": "in_the_loop",
        "decision": "approved",
        "proposed": {"name": "send_mail", "arguments": {"id": str(index)}},
        **more,
    }


def events(shop: RecordedSuite, rows: Iterable[Any]) -> str:
    write_lines(shop.folder.parent / "events.jsonl", rows)
    return "events.jsonl"


def write_cells(path: Path, rows: Iterable[Any]) -> None:
    cells = [{**row, "proposed": json.dumps(row["proposed"])} for row in rows]
    path.mkdir()
    write_parquet(cells, path / "events.parquet")


def evidence(shop: RecordedSuite, *arguments: str) -> Finished:
    return dialgate("evidence", "shop", *arguments, *NOW, folder=shop.folder.parent)


@needs_shared
def test_rates_of_real_decisions_are_those_of_pandas_to_the_last_digit(tmp_path: Path) -> None:
    import pandas as pd

    path = SHARED / "events" / "tau-airline-gpt-4o.jsonl"
    request = EvidenceRequest(
        folder=SHARED / "suites" / "tau-airline", events=path, release="releases/gpt-4o.toml",
        out=tmp_path, now=dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
    )  # fmt: skip
    document = gather_evidence(request).document
    frame = pd.read_json(path, lines=True)
    assert len(frame) == document["events"]["counted"] == 231
    # Which tools are in which class stands in the suite; none of its classes has a condition.
    import tomllib

    actions = tomllib.loads((request.folder / "actions.toml").read_text("utf-8"))["class"]
    of_tool = {tool: name for name, item in actions.items() for tool in item["tools"]}
    frame["class"] = frame["proposed"].map(lambda call: of_tool.get(call["name"], "unclassified"))
    frame["reviewed"] = frame["decision"] != "escalated"
    words = {
        "intervention": ["edited", "rejected", "taken_over", "overridden", "differed"],
        "approval": ["approved"],
        "edit": ["edited"],
        "rejection": ["rejected"],
    }
    groups = frame.groupby(["class", "release", "mode"])
    assert len(groups) == len(document["classes"]) == 7
    for entry in document["classes"]:
        group = groups.get_group((entry["action_class"], entry["release"], entry["mode"]))
        reviews = group[group["reviewed"]]
        for name, decisions in words.items():
            expected = reviews["decision"].isin(decisions).mean()
            assert entry["rates"][name]["rate"] == (expected if len(reviews) else None)
        # Tasks: each once, and any intervention counts for all of it.
        against = reviews["decision"].isin(words["intervention"]).groupby(reviews["task_id"]).any()
        by_task = entry["rates"]["intervention"]["tasks"]
        assert (by_task["events"], by_task["tasks"]) == (against.sum(), len(against))
        assert entry["rates"]["escalation"]["rate"] == (~group["reviewed"]).mean()
        assert entry["decisions"] == group["decision"].value_counts().to_dict()
    people = frame[frame["reviewed"]].groupby("reviewer")["decision"]
    approved = people.apply(lambda items: (items == "approved").mean()).to_dict()
    assert {item["reviewer"]: item["approval_rate"] for item in document["reviewers"]} == approved


def test_every_source_gives_the_same_evidence(shop: RecordedSuite) -> None:
    rows = [
        an_event(
            index, decision="rejected" if index % 9 == 0 else "approved", latency_ms=100.0 + index,
            cost_usd=0.01 * (index % 7), reviewer=["Ada", "Bob"][index % 2], review_s=20.0,
            task_id=f"t{index // 2}", canary=index == 7,
        )
        for index in range(200)
    ]  # fmt: skip
    folder = shop.folder.parent
    cells = [{**row, "proposed": json.dumps(row["proposed"])} for row in rows]
    write_csv(cells, folder / "events.csv")
    (folder / "parts").mkdir()
    write_parquet(cells[:90], folder / "parts" / "0.parquet")
    write_parquet(
        cells[90:], folder / "parts" / "1.parquet", {**TYPES, "occurred_at": "TIMESTAMPTZ"}
    )
    write_duckdb(cells, folder / "events.db")
    found = [
        gather_evidence(
            EvidenceRequest(
                folder=shop.folder, events=source, release=None, out=folder,
                now=dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
            )
        ).document
        for source in (
            folder / events(shop, rows), folder / "events.csv", folder / "parts",
            f"duckdb:///{folder}/events.db",
        )
    ]  # fmt: skip
    assert len({document["digest"] for document in found}) == 1
    (entry,) = found[0]["classes"]
    assert (entry["events"], entry["reviews"], entry["is_stale"]) == (199, 199, False)
    assert found[0]["events"]["canaries"] == 1
    assert entry["cost_usd"]["tasks"] == 100


def test_a_rise_since_the_last_release_is_shown_with_its_uncertainty_beside_the_limit(
    shop: RecordedSuite,
) -> None:
    rows = [
        an_event(index, release="1" if index < 600 else "2",
                 decision="rejected" if index % (30 if index < 600 else 10) == 0 else "approved")
        for index in range(1200)
    ]  # fmt: skip
    found = evidence(shop, events(shop, rows), "--json", "-")
    assert found.code == 0
    (change,) = found.verdict()["changes"]
    assert (change["previous"], change["release"], change["limit"]) == ("1", "2", 0.05)
    assert change["ratio"] == 3.0
    low, high = change["difference_interval"]
    assert low < 0.1 - 1 / 30 < high
    sentence = change["sentence"]
    assert (
        "Interventions up 200 % since 2: in 3.33 % of 600 reviewed tasks before, 10 %" in sentence
    )
    assert "The limit is 5 %." in sentence
    stale = {item["release"]: item["is_stale"] for item in found.verdict()["classes"]}
    assert stale == {"1": True, "2": False}


def test_a_queue_that_is_waved_through_is_said_to_be_no_evidence(shop: RecordedSuite) -> None:
    rows = [an_event(index, reviewer="Ada", review_s=0.8) for index in range(60)]
    rows.append(an_event(60, reviewer="Bob", canary=True))
    found = evidence(shop, events(shop, rows), "--markdown", "e.md")
    assert "! Bob let 1 planted bad action through (e60): such reviews are no" in found.out
    assert "! Ada approved all of 60 actions in 0.8 s each" in found.out
    assert "0 of 1" in found.out
    text = (shop.folder.parent / "e.md").read_text("utf-8")
    assert "such reviews are no evidence" in text


def test_the_same_call_again_and_again_is_a_retry_loop(shop: RecordedSuite) -> None:
    call = {"name": "send_mail", "arguments": {"id": "1", "amount": 2}}
    turned = {"name": "send_mail", "arguments": {"amount": 2.0, "id": "1"}}
    rows = [an_event(index, task_id="t", proposed=[call, turned][index % 2]) for index in range(4)]
    rows += [an_event(index, task_id=f"other{index // 3}", proposed=call) for index in range(4, 10)]
    found = evidence(shop, events(shop, rows), "--json", "e.json")
    assert "mail: the same call again and again in 1 task." in found.out


def test_people_read_it_in_80_columns_and_names_cannot_break_out(shop: RecordedSuite) -> None:
    rows = [
        an_event(
            index, reviewer="\x1b[31mEve\x1b[0m <b>|`@all", release="2\nfake",
            latency_ms=123456.0, cost_usd=1234.5, decision=["approved", "edited"][index % 2],
            corrected={"name": "send_mail", "arguments": {}}, review_s=3600.0,
        )
        for index in range(40)
    ]  # fmt: skip
    found = evidence(shop, events(shop, rows), "--verbose", "--markdown", "e.md")
    assert found.code == 0
    assert all(len(line) <= 80 for line in found.out.splitlines())
    assert "\x1b" not in found.out
    assert "Release 2\\nfake, in the loop" in found.out
    text = (shop.folder.parent / "e.md").read_text("utf-8")
    assert "<b>" not in text
    assert "@all" not in text


def test_bad_rows_are_named_and_left_out_and_too_many_are_refused(shop: RecordedSuite) -> None:
    rows = [an_event(index) for index in range(150)]
    rows[3]["decision"] = "fine"
    found = evidence(shop, events(shop, rows), "--json", "-")
    assert found.code == 0
    assert "Left out: events.jsonl: line 4: found decision" in found.err
    counts = found.verdict()["events"]
    assert counts == {
        "rows": 150,
        "counted": 149,
        "merged": 0,
        "not_live": 0,
        "bad": 1,
        "canaries": 0,
        "future": 0,
    }
    rows[4]["mode"] = "off"
    assert evidence(shop, events(shop, rows)).code == 2


@pytest.mark.parametrize("write", [write_lines, write_cells], ids=["lines", "parquet"])
def test_decisions_on_recorded_trajectories_are_no_live_evidence(
    shop: RecordedSuite, write: Callable[[Path, list[Any]], object]
) -> None:
    """Whatever they say, and however many they are."""
    rows = [an_event(index, review_s=20, source="production") for index in range(200)]
    others = [
        an_event(1000 + index, mode="shadow", decision="differed", source=source)
        for index, source in enumerate(["accept", "import"] * 40)
    ]
    found = []
    for name, items in (("alone", rows), ("beside", rows + others)):
        write(shop.folder.parent / name, items)
        found.append(evidence(shop, name, "--json", "-").verdict())
    alone, beside = found
    assert beside["events"] == {**alone["events"], "rows": 280, "not_live": 80}
    for key in ("classes", "reviewers", "changes", "warnings"):
        assert beside[key] == alone[key]


def test_no_events_are_no_evidence(shop: RecordedSuite) -> None:
    (shop.folder.parent / "events.jsonl").write_text("")
    assert evidence(shop, "events.jsonl").code == 4
    assert evidence(shop, "none.parquet").code == 2
    assert evidence(shop).code == 2
    twice = evidence(shop, "events.jsonl", "--events", "events.jsonl")
    assert twice.code == 2
    assert "given twice" in twice.err


def test_recommend_and_watch_take_every_source(shop: RecordedSuite) -> None:
    rows = [
        an_event(index, decision="rejected" if index >= 100 else "approved") for index in range(200)
    ]
    cells = [{**row, "proposed": json.dumps(row["proposed"])} for row in rows]
    write_parquet(cells, shop.folder.parent / "events.parquet")
    folder = shop.folder.parent
    watched = dialgate("dial", "watch", "shop", "events.parquet", folder=folder)
    assert watched.code == 1, watched.err
    assert "DEMOTE mail" in watched.out
    followed = dialgate("dial", "watch", "shop", "events.parquet", "--follow", folder=folder)
    assert followed.code == 2
    assert "--follow needs one file of JSON Lines" in followed.err
    asked = ("dial", "recommend", "shop", "--events", "events.parquet", "--json", "-", *NOW)
    recommended = dialgate(*asked, folder=folder)
    assert recommended.verdict()["events"]["counted"] == 200
