"""`dial watch` pages on escalations, costs and silence; it moves the dial and sends where asked."""

from __future__ import annotations

import datetime as dt
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.command_line import Finished, dialgate
from tests.workspaces import POLICY, RecordedSuite, write_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

START = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)
DEMOTE = "[demote]\nintervention_rate = 0.05\nalpha = 0.01\n"
WATCHED = """
[watch.escalation_rate]
limit = 0.05
[watch.cost_usd]
limit = 0.05
"""
RUNBOOK = """schema = 1
[owners]
product_owner = "Mara Lindqvist"
reliability_engineer = "Jonas Okafor"
[kill_switch]
run = "systemctl stop agent"
tested_at = 2026-08-01
[rollback]
release = "v1"
"""


@pytest.fixture
def shop(tmp_path: Path) -> RecordedSuite:
    return a_watched_shop(tmp_path)


def a_watched_shop(folder: Path) -> RecordedSuite:
    """Its mails are on the loop; escalations and costs are watched."""
    suite = RecordedSuite(folder / "shop", refunds=2)
    suite.write("policy.toml", POLICY + DEMOTE + WATCHED)
    suite.write("runbook.toml", RUNBOOK)
    suite.write(
        "dial.toml",
        'schema = 1\n[class.mail]\nmode = "on_the_loop"\nsince = 2026-08-31T00:00:00Z\nby = "A"\n',
    )
    return suite


def an_event(index: int, **more: Any) -> dict[str, Any]:
    return {
        "event_id": f"e{index}",
        "occurred_at": (START + dt.timedelta(minutes=6 * index)).isoformat(),
        "task_id": f"t{index}",
        "release": "1" if index < 400 else "2",
        "mode": "on_the_loop",
        "decision": "auto",
        "proposed": {"name": "send_mail", "arguments": {"id": str(index)}},
        "cost_usd": 0.02,
        "latency_ms": 800,
        **more,
    }


def spike(count: int = 500) -> list[dict[str, Any]]:
    """From the new release on every third task is escalated."""
    return [
        an_event(index, decision="escalated" if index >= 400 and index % 3 == 0 else "auto")
        for index in range(count)
    ]


def dear() -> list[dict[str, Any]]:
    return [an_event(index, cost_usd=0.2 if index >= 450 else 0.02) for index in range(500)]


def watch(shop: RecordedSuite, rows: list[dict[str, Any]], *more: str, **env: str) -> Finished:
    write_lines(shop.folder.parent / "events.jsonl", rows)
    return dialgate(
        "dial", "watch", "shop", "events.jsonl", *more, folder=shop.folder.parent, **env
    )


def page_of(found: Finished) -> dict[str, Any]:
    (line,) = found.out.splitlines()
    page: dict[str, Any] = json.loads(line)
    return page


def test_an_escalation_spike_pages_whoever_is_on_call(shop: RecordedSuite) -> None:
    found = watch(shop, spike(), "--json", "-")
    page = page_of(found)
    assert found.code == 1
    assert (page["signal"], page["action_class"], page["to"]) == (
        "escalation_rate",
        "mail",
        "in_the_loop",
    )
    assert page["releases"] == ["2"]
    assert page["suspect"].startswith("Release 2 came with it, after 1, ")
    assert page["on_call"]["shown"].startswith("Jonas Okafor")
    assert page["on_call"]["accountable"]["name"] == "Mara Lindqvist"
    assert (page["kill_switch"], page["rollback"]) == ("systemctl stop agent", "v1")
    assert page["runbook"] == "shop/runbook.toml"
    assert page["command"] == "dialgate dial set shop mail in_the_loop --by 'YOUR NAME'"
    assert page["tasks"] <= 60
    assert page["usual"] == 0.0
    assert page["alpha"] == pytest.approx(0.05 / 4)


def test_a_rota_says_who_is_paged(shop: RecordedSuite) -> None:
    shop.write(
        "owners.toml",
        'schema = 1\n[person.ada]\nname = "Ada Ek"\nmail = "ada@shop.example"\n',
    )
    shop.write(
        "rota.toml",
        'schema = 1\n[[shift]]\nperson = "ada"\n'
        "from = 2026-09-01T00:00:00Z\nuntil = 2026-10-01T00:00:00Z\n",
    )
    shop.write("runbook.toml", RUNBOOK + '[rota]\nfile = "rota.toml"\n')
    page = page_of(watch(shop, spike(), "--json", "-", "--now", "2026-09-04"))
    assert page["on_call"]["shown"] == "Ada Ek"
    assert page["on_call"]["addresses"] == ["ada@shop.example"]


def test_the_text_says_the_same_to_people(shop: RecordedSuite) -> None:
    found = watch(shop, spike())
    assert found.out.splitlines()[0] == "ALARM mail: escalations; on the loop → in the loop"
    words = " ".join(found.out.split())
    assert "On call: Jonas Okafor" in words
    assert "; accountable: Mara Lindqvist." in words
    assert "Kill switch: systemctl stop agent Rollback to: v1" in words


def test_a_cost_anomaly_inside_a_release_suspects_no_release(shop: RecordedSuite) -> None:
    page = page_of(watch(shop, dear(), "--json", "-"))
    assert page["signal"] == "cost_usd"
    assert page["suspect"].startswith("No release came with it (release 2)")
    assert page["figure"] > page["limit"] > page["usual"]


def test_the_command_of_a_page_moves_the_class(shop: RecordedSuite) -> None:
    page = page_of(watch(shop, spike(), "--json", "-"))
    words = page["command"].replace("'YOUR NAME'", "Jonas").split()[1:]
    moved = dialgate(*words, folder=shop.folder.parent)
    assert (moved.code, "on_the_loop → in_the_loop" in moved.out) == (0, True)


def test_apply_moves_the_class_one_step_as_system(shop: RecordedSuite) -> None:
    # Two alarms of one class, one step.
    rows = [dict(row, cost_usd=0.2) if int(row["task_id"][1:]) >= 450 else row for row in spike()]
    found = watch(shop, rows, "--apply")
    assert found.code == 1
    assert found.out.count("ALARM mail") == 2
    lines = (shop.folder / "ledger.jsonl").read_text().splitlines()
    entry = json.loads(lines[-1])
    assert (entry["by"], entry["before"], entry["after"]) == (
        "system",
        "on_the_loop",
        "in_the_loop",
    )
    assert entry["reason"].startswith("dial watch: Escalated: ")
    assert entry["evidence"].startswith("sha256:")
    assert len(lines) == 2  # the dial that was there before, and the move
    assert dialgate("dial", "verify", "shop", folder=shop.folder.parent).code == 0
    # It starts anew: what is there was before the move.
    again = watch(shop, rows, "--apply")
    assert again.code == 0


def test_in_the_loop_a_dear_class_is_paged_and_not_moved(shop: RecordedSuite) -> None:
    shop.write("dial.toml", "schema = 1\n")
    rows = [{**row, "mode": "in_the_loop", "decision": "approved"} for row in dear()]
    found = watch(shop, rows, "--json", "-", "--apply")
    page = page_of(found)
    assert (found.code, page["to"], page["command"]) == (1, None, None)
    assert not (shop.folder / "ledger.jsonl").exists()


def test_a_feed_without_costs_is_not_a_cheap_one(shop: RecordedSuite) -> None:
    rows = [{**an_event(index), "cost_usd": None} for index in range(300)]
    found = watch(shop, rows)
    assert found.code == 4
    assert "No event says what cost_usd of the policy watches" in found.err


def test_the_last_moment_of_a_look_can_be_named(shop: RecordedSuite) -> None:
    shop.write("policy.toml", POLICY + DEMOTE + "[watch.volume]\n")
    rows = [an_event(index) for index in range(240 * 20)]
    quiet = watch(shop, rows, "--now", "2026-09-21")
    assert (quiet.code, quiet.err) == (0, "")
    page = page_of(watch(shop, rows, "--json", "-", "--now", "2026-09-22"))
    assert (page["signal"], page["to"], page["releases"]) == ("volume", None, [])
    assert "0 tasks began since 2026-09-21" in page["reason"]


def test_following_pages_once(shop: RecordedSuite) -> None:
    from dialgate.dial.alarms.watching import Watch, WatchRequest

    path = shop.folder.parent / "events.jsonl"
    write_lines(path, spike(420))
    sizes = [480, 500]

    def wait() -> bool:
        if not sizes:
            return False
        write_lines(path, spike(sizes.pop(0)))
        return True

    request = WatchRequest(
        folder=shop.folder, events=path, follow=True, wait=wait, records=path.parent
    )
    assert [page.signal for page in Watch(request).pages()] == ["escalation_rate"]


@contextmanager
def a_webhook(statuses: list[int]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A server on loopback that takes JSON; its Apprise URL, and what it was sent."""
    received: list[dict[str, Any]] = []

    class Webhook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            received.append(json.loads(self.rfile.read(length)))
            self.send_response(statuses[len(received) - 1] if statuses else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Webhook)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"json://user:secret@127.0.0.1:{server.server_port}/hook", received
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_page_is_sent_once_and_its_address_is_nowhere(shop: RecordedSuite) -> None:
    with a_webhook([]) as (url, received):
        for _ in range(2):
            found = watch(shop, spike(), "--notify", "PAGER", PAGER=url)
            assert found.code == 1
            assert "secret" not in found.out + found.err
    (message,) = received
    assert message["title"] == "ALARM mail: escalations; on the loop → in the loop"
    assert "On call: Jonas Okafor" in message["message"]
    kept = [path for path in shop.folder.parent.rglob("*") if path.is_file()]
    assert not [path for path in kept if b"secret" in path.read_bytes()]


def test_what_could_not_be_delivered_is_said_and_tried_again(shop: RecordedSuite) -> None:
    with a_webhook([500, 200]) as (url, received):
        first = watch(shop, spike(), "--notify", "PAGER", PAGER=url)
        second = watch(shop, spike(), "--notify", "PAGER", PAGER=url)
    assert (first.code, "could not be delivered to all of PAGER" in first.out) == (1, True)
    assert (second.code, "delivered" in second.out, len(received)) == (1, False, 2)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PAGER", "", "no such variable, or an empty one"),
        ("PAGER", "nonsense-secret", "a URL that Apprise doesn't know"),
        ("json://user:secret@127.0.0.1/", "", "the name of an environment variable, not what"),
    ],
)
def test_a_destination_that_is_none_is_refused_without_its_content(
    name: str, value: str, words: str, shop: RecordedSuite
) -> None:
    found = watch(shop, spike(), "--notify", name, PAGER=value)
    assert (found.code, words in found.err, "secret" in found.err) == (2, True, False)
    assert found.out == ""
