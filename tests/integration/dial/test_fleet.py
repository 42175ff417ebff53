"""`dialgate fleet`: every suite by risk on one page, and what needs a decision today."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from dialgate_evals.files.file_reading import json_pointer
from dialgate_evals.files.schema_validation import check_document
from tests.benchmarks.fleets import EVENTS, NOW, FleetFolder, reviews
from tests.integration.command_line import Finished, dialgate
from tests.reports.hostile import HOSTILE
from tests.runtime.lease_builders import KEY, pem

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def fleet(tmp_path: Path) -> FleetFolder:
    return FleetFolder(tmp_path)


def show(fleet: FleetFolder, *more: str, events: str = EVENTS, now: str = NOW) -> Finished:
    given = ("--events", events) if events else ()
    return dialgate("fleet", "suites", *given, "--now", now, *more, folder=fleet.folder)


def document_of(fleet: FleetFolder, *more: str, code: int = 0, **given: str) -> dict[str, Any]:
    """The JSON of a run that ended with that code."""
    done = show(fleet, "--json", "-", *more, **given)
    assert done.code == code, done.err
    document: dict[str, Any] = json.loads(done.out)
    assert check_document(document, "fleet", "fleet.json", json_pointer) == []
    return document


def kinds(document: dict[str, Any]) -> list[tuple[str, str]]:
    return [(item["suite"], item["kind"]) for item in document["decisions"]]


def class_of(document: dict[str, Any], suite: str, name: str = "mail") -> dict[str, Any]:
    """A class of a suite."""
    (found,) = [item for item in document["suites"] if item["suite"] == suite]
    (item,) = [item for item in found["classes"] if item["action_class"] == name]
    return dict(item)


def test_an_alarm_comes_before_a_quiet_suite_with_more_autonomy(fleet: FleetFolder) -> None:
    fleet.suite("quiet", mail="out_of_the_loop")
    fleet.events("quiet", reviews(300, mode="out_of_the_loop"))
    fleet.suite("loud", mail="on_the_loop")
    fleet.events("loud", reviews(500, mode="on_the_loop", every=4, after=380))
    document = document_of(fleet)
    assert [item["suite"] for item in document["suites"]] == ["loud", "quiet"]
    (wanted,) = document["decisions"]
    assert (wanted["kind"], wanted["role"]) == ("alarm", "reliability_engineer")
    assert "26.3 %" in wanted["sentence"]
    assert wanted["command"].startswith("dialgate dial set suites/loud mail in_the_loop")
    loud = class_of(document, "loud")
    assert loud["live"]["reviews"] == 500
    assert loud["live"]["trend_per_day"] > 0
    assert class_of(document, "quiet")["live"]["interventions"] == 0


def test_its_alarms_are_those_of_dial_watch(fleet: FleetFolder) -> None:
    """A cost is looked at task by task, in the reading that the rate comes from."""
    suite = fleet.suite(
        "dear", mail="on_the_loop", policy="[watch.cost_usd]\nlimit = 0.05\nfalse_alarm = 0.01\n"
    )
    rows = [*reviews(450, mode="on_the_loop")]
    rows += reviews(500, mode="on_the_loop", cost=0.5)[450:]
    fleet.events("dear", rows)
    (page,) = class_of(document_of(fleet), "dear")["alarms"]
    found = dialgate(
        "dial", "watch", suite.folder, "events/dear.jsonl", "--now", NOW, "--json", "-",
        folder=fleet.folder,
    )  # fmt: skip
    watched = json.loads(found.out)
    assert page["signal"] == "cost_usd"
    assert {k: page[k] for k in ("page", "reason")} == {k: watched[k] for k in ("page", "reason")}


def test_a_broken_suite_is_a_row_and_hides_no_other(fleet: FleetFolder) -> None:
    fleet.suite("good")
    fleet.suite("bad").write("policy.toml", "schema = 1\n[gate]\nalpha = 7\n")
    document = document_of(fleet, events="", code=4)
    assert [(item["folder"], bool(item["problems"])) for item in document["suites"]] == [
        ("suites/bad", True),
        ("suites/good", False),
    ]
    (wanted,) = document["decisions"]
    assert wanted["kind"] == "unreadable"
    assert wanted["sentence"].startswith("suites/bad/policy.toml: line 2, gate")


def test_a_ledger_that_was_tampered_with_is_said(fleet: FleetFolder) -> None:
    suite = fleet.suite("moved", mail="on_the_loop")
    ledger = suite.folder / "ledger.jsonl"
    ledger.write_text(ledger.read_text("utf-8").replace("Mara", "Nora"), "utf-8")
    document = document_of(fleet, events="", code=4)
    assert kinds(document) == [("moved", "unreadable")]


def test_without_events_it_says_so_and_gives_no_rate(fleet: FleetFolder) -> None:
    fleet.suite("acts", mail="on_the_loop")
    done = show(fleet, events="")
    assert done.code == 0
    assert "No events read" in done.out
    item = class_of(document_of(fleet, events=""), "acts")
    assert item["live"]["rate"] is None
    assert item["live"]["high"] is None


def test_events_that_are_missing_are_grave_where_the_agent_acts_first(fleet: FleetFolder) -> None:
    fleet.suite("asks")
    assert document_of(fleet)["suites"][0]["events"]["state"] == "none there"
    fleet.suite("acts", mail="on_the_loop")
    document = document_of(fleet, code=4)
    assert kinds(document) == [("acts", "unwatched")]
    fleet.events("acts", [])
    # A feed that broke is no quiet one either: what rests on the watch lapsed.
    assert kinds(document_of(fleet, code=4)) == [("acts", "lapsed"), ("acts", "unwatched")]


def test_unreadable_events_leave_the_rest_of_the_row(fleet: FleetFolder) -> None:
    fleet.suite("torn")
    fleet.events("torn", [])
    (fleet.folder / "events/torn.jsonl").write_text("{no json\n" * 9, "utf-8")
    document = document_of(fleet, code=4)
    (suite,) = document["suites"]
    assert suite["events"]["state"] == "unreadable"
    assert suite["problems"]
    assert [item["mode"] for item in suite["classes"]].count("in_the_loop") == 2


@pytest.mark.parametrize("name", ["log.parquet", "log.csv", "log.duckdb"])
def test_events_that_are_no_such_file_hide_no_other_suite(fleet: FleetFolder, name: str) -> None:
    for suite in ("a", "b"):
        fleet.suite(suite)
        (fleet.folder / suite).mkdir()
        (fleet.folder / suite / name).write_bytes(b"PAR1\x00\xff nothing of the kind \x00" * 9)
    pattern = f"duckdb:///{{name}}/{name}#t" if name.endswith("duckdb") else f"{{name}}/{name}"
    document = document_of(fleet, events=pattern, code=4)
    assert [item["events"]["state"] for item in document["suites"]] == ["unreadable"] * 2
    assert all(item["classes"] for item in document["suites"])


def test_one_place_of_events_for_two_suites_is_refused(fleet: FleetFolder) -> None:
    fleet.suite("a")
    fleet.suite("b")
    done = show(fleet, events="events/all.jsonl")
    assert done.code == 2
    assert "{name}" in done.err
    assert show(fleet, events="events/{suite}.jsonl").code == 2


def test_a_folder_of_the_suite_can_name_its_events(fleet: FleetFolder) -> None:
    suite = fleet.suite("own", place="o[w]n")
    fleet.events("own", reviews(20))
    (suite.folder / "log").mkdir()
    shutil.move(fleet.folder / "events/own.jsonl", suite.folder / "log/1.jsonl")
    document = document_of(fleet, events="{folder}/log/*.jsonl")
    assert document["suites"][0]["events"]["counted"] == 20


def test_two_suites_of_one_name_are_told_apart_by_nothing(fleet: FleetFolder) -> None:
    fleet.suite("twin", place="one")
    fleet.suite("twin", place="two")
    document = document_of(fleet, events="", code=4)
    assert [item["folder"] for item in document["suites"]] == ["suites/one", "suites/two"]
    assert "has the name of suites/two" in document["suites"][0]["problems"][0]


def test_a_root_named_twice_or_inside_another_counts_once(fleet: FleetFolder) -> None:
    suite = fleet.suite("one")
    document = document_of(fleet, str(suite.folder), "suites", str(suite.folder / "suite.toml"),
                           events="")  # fmt: skip
    assert len(document["suites"]) == 1


def test_a_root_without_a_suite_is_never_quiet(fleet: FleetFolder) -> None:
    (fleet.folder / "suites").mkdir()
    assert show(fleet).code == 2
    assert show(fleet, "nowhere").code == 2
    fleet.suite("one")
    (fleet.folder / "empty").mkdir()
    document = document_of(fleet, "empty", events="", code=4)
    assert document["notes"] == ["No suite lies below empty."]


def test_links_are_named_and_not_followed(fleet: FleetFolder, tmp_path: Path) -> None:
    outside = FleetFolder(tmp_path / "outside").suite("outside")
    fleet.suite("inside")
    (fleet.folder / "suites/link").symlink_to(outside.folder)
    (fleet.folder / "suites/file").mkdir()
    (fleet.folder / "suites/file/suite.toml").symlink_to(outside.folder / "suite.toml")
    document = document_of(fleet, events="", code=4)
    assert [item["suite"] for item in document["suites"]] == [None, "inside"]
    assert "suites/link is a link" in document["notes"][0]


def test_a_suite_whose_agent_may_do_nothing_has_a_row(fleet: FleetFolder) -> None:
    fleet.suite("idle").write("actions.toml", "schema = 1\n")
    done = show(fleet, events="")
    document = document_of(fleet, events="", code=done.code)
    assert document["suites"][0]["classes"] == []
    assert "Traceback" not in done.err


def test_an_expired_lease_holds_a_class_back(fleet: FleetFolder) -> None:
    policy = f"\n[lease]\nrequired = true\nkeys = [{json.dumps(pem(KEY))}]\n"
    fleet.suite("leased", mail="on_the_loop", policy=policy)
    raw = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (fleet.folder / "key.pem").write_bytes(raw)
    done = dialgate("dial", "lease", "suites/leased", "--key", "key.pem", "--now", NOW,
                    folder=fleet.folder)  # fmt: skip
    assert done.code == 0, done
    held = class_of(document_of(fleet, events=""), "leased")
    assert (held["mode"], held["effective"]) == ("on_the_loop", "on_the_loop")
    assert held["leased_until"] == "2026-11-02T00:00:00Z"
    document = document_of(fleet, events="", now="2026-11-03")
    fallen = class_of(document, "leased")
    assert fallen["effective"] == "in_the_loop"
    assert kinds(document) == [("leased", "no lease")]
    assert document["decisions"][0]["command"] == "dialgate dial lease suites/leased"


def test_a_model_that_changed_lapses_what_rested_on_it(fleet: FleetFolder) -> None:
    suite = fleet.suite("swapped", mail="on_the_loop")
    text = (suite.folder / "release.toml").read_text("utf-8")
    suite.write("release.toml", text.replace("model-2-2026-01-01", "model-3-2026-06-01"))
    document = document_of(fleet, events="")
    assert kinds(document) == [("swapped", "lapsed")]
    assert "whose model differs" in document["decisions"][0]["sentence"]
    assert class_of(document, "swapped")["effective"] == "on_the_loop"
    assert class_of(document, "swapped")["left"] == "in_the_loop"


def test_what_has_shown_enough_waits_for_the_product_owner(fleet: FleetFolder) -> None:
    fleet.suite("ready", mails=40)
    fleet.events("ready", reviews(300))
    done = dialgate("run", "suites/ready", folder=fleet.folder)
    assert done.code in {0, 1}, done.err
    document = document_of(fleet)
    assert kinds(document) == [("ready", "promote")]
    assert document["decisions"][0]["role"] == "product_owner"
    assert document["decisions"][0]["who"].startswith("Mara Lindqvist")


def test_the_last_gate_is_that_of_this_release(fleet: FleetFolder) -> None:
    suite = fleet.suite("gated")
    check = ("check", "suites/gated", "--baseline", "releases/1.toml")
    done = dialgate(*check, folder=fleet.folder)
    assert done.code != 0
    document = document_of(fleet, events="")
    gate = document["suites"][0]["gate"]
    assert gate["is_current"]
    assert kinds(document) == [("gated", "gate")]
    text = (suite.folder / "release.toml").read_text("utf-8")
    suite.write("release.toml", text.replace("model-2", "model-9"))
    document = document_of(fleet, events="")
    assert not document["suites"][0]["gate"]["is_current"]
    (fleet.folder / ".dialgate/verdict-gated.json").write_text("{}", "utf-8")
    assert kinds(document_of(fleet, events="", code=4)) == [("gated", "unreadable")]


def test_placeholders_answer_for_nothing(fleet: FleetFolder) -> None:
    fleet.suite("orphan", owner="TODO")
    document = document_of(fleet, events="")
    assert kinds(document) == [("orphan", "no owner")]


def test_hostile_names_stay_text(fleet: FleetFolder) -> None:
    for number, text in enumerate(t for t in HOSTILE if len(t) < 200):
        owner = json.dumps(text.encode("utf-8", "replace").decode())[1:-1]
        fleet.suite(f"odd-{number}", owner=owner)
    done = show(fleet, "--html", "fleet.html", events="")
    page = (fleet.folder / "fleet.html").read_text("utf-8")
    assert done.code == 0, done.err
    assert "\x1b" not in done.out
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "<h1>owned" not in page


def test_the_same_fleet_is_the_same_bytes_and_fits_the_terminal(fleet: FleetFolder) -> None:
    for number in range(3):
        name = f"{number}-suite-with-a-name-longer-than-its-column-{number}"
        fleet.suite(name, mail="on_the_loop")
        fleet.events(name, reviews(60, mode="on_the_loop", every=9))
    files = ("--json", "f.json", "--html", "f.html")
    first = show(fleet, *files)
    before = [(fleet.folder / name).read_bytes() for name in ("f.json", "f.html")]
    second = show(fleet, *files)
    assert first.out == second.out
    assert before == [(fleet.folder / name).read_bytes() for name in ("f.json", "f.html")]
    commands = [line for line in first.out.splitlines() if line.lstrip().startswith("$")]
    lines = [line for line in first.out.splitlines() if line not in commands]
    assert max(map(len, lines)) <= 80


def test_what_was_written_is_rendered_again(fleet: FleetFolder) -> None:
    fleet.suite("one")
    first = show(fleet, "--json", "f.json", "--html", "f.html", events="")
    done = dialgate("report", "f.json", "--html", "g.html", folder=fleet.folder)
    assert (done.code, done.out) == (0, first.out)
    assert (fleet.folder / "g.html").read_bytes() == (fleet.folder / "f.html").read_bytes()
    assert dialgate("report", "f.json", "--junit", "-", folder=fleet.folder).code == 2


def test_a_drill_that_is_overdue_is_named_with_its_command(fleet: FleetFolder) -> None:
    suite = fleet.suite("late")
    day = dt.date(2025, 1, 1).isoformat()
    runbook = (suite.folder / "runbook.toml").read_text("utf-8")
    suite.write("runbook.toml", f'{runbook}[kill_switch]\nrun = "stop"\ntested_at = {day}\n')
    document = document_of(fleet, events="")
    assert kinds(document) == [("late", "overdue")]
    assert document["decisions"][0]["command"].startswith("dialgate drill kill-switch suites/late")
