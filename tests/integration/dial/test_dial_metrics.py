"""`dial metrics` and `dial alerts`: what Prometheus and Grafana read of a suite."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from dialgate.dial.alarms.metrics import METRICS, Value, serve_metrics
from tests.integration.command_line import dialgate
from tests.integration.dial.test_dial_watch import DEMOTE, a_watched_shop, an_event, spike
from tests.workspaces import POLICY, RecordedSuite, write_lines

if TYPE_CHECKING:
    from pathlib import Path

ALL = """
[watch]
escalation_rate = { limit = 0.05 }
cost_usd = { limit = 0.05 }
cost_p99_usd = { limit = 1 }
latency_p95_ms = { limit = 3000 }
retry_loops = { limit = 0.02 }
volume = {}
"""
HOSTILE = 'a "b" {{ .x }} \\ \n é'


@pytest.fixture
def shop(tmp_path: Path) -> RecordedSuite:
    return a_watched_shop(tmp_path)


def metrics_of(text: str) -> dict[tuple[str, ...], float]:
    families: Any = text_string_to_metric_families
    return {
        (sample.name, *(str(sample.labels[key]) for key in sorted(sample.labels))): sample.value
        for family in families(text)
        for sample in family.samples
    }


def test_the_metrics_are_open_metrics_and_say_what_alarms(shop: RecordedSuite) -> None:
    rows = [*spike(), an_event(501, release=HOSTILE)]
    write_lines(shop.folder.parent / "events.jsonl", rows)
    found = dialgate(
        "dial", "metrics", "shop", "events.jsonl", "--now", "2026-09-04", folder=shop.folder.parent
    )
    assert (found.code, found.out.endswith("# EOF\n")) == (0, True)
    values = metrics_of(found.out)
    assert values["dialgate_alarm", "mail", "escalation_rate", "shop"] == 1
    assert values["dialgate_alarm", "mail", "cost_usd", "shop"] == 0
    assert values["dialgate_alarm", "refund", "escalation_rate", "shop"] == 0
    assert values["dialgate_mode", "mail", "on_the_loop", "shop"] == 1
    assert values["dialgate_tasks", "mail", "on_the_loop", "1", "shop"] == 400
    assert values["dialgate_latency_p95_seconds", "mail", "on_the_loop", "1", "shop"] == 0.8
    assert ("dialgate_tasks", "mail", "on_the_loop", HOSTILE, "shop") in values
    assert {name for name, *_ in values} == set(METRICS)


def test_a_file_is_written_whole(shop: RecordedSuite) -> None:
    folder = shop.folder.parent
    write_lines(folder / "events.jsonl", spike())
    found = dialgate("dial", "metrics", "shop", "events.jsonl", "--write", "d.prom", folder=folder)
    assert (found.code, found.out) == (0, "")
    assert metrics_of((folder / "d.prom").read_text("utf-8"))


def test_two_ways_at_once_are_a_usage_error(shop: RecordedSuite) -> None:
    found = dialgate(
        "dial", "metrics", "shop", "e.jsonl", "--write", "d", "--serve", "0",
        folder=shop.folder.parent,
    )  # fmt: skip
    assert (found.code, "choose one" in found.err) == (2, True)


def test_the_page_on_loopback_gives_the_last_look(unused_port: int) -> None:
    looks = iter([1.0, 2.0])
    asked: list[str] = []

    def look() -> tuple[Value, ...]:
        return (Value("dialgate_bad_rows", (("suite", "s"),), next(looks)),)

    def wait() -> bool:
        url = f"http://127.0.0.1:{unused_port}/metrics"
        request = urllib.request.Request(url, headers={"Accept": "application/openmetrics-text"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            asked.append(answer.read().decode())
        return len(asked) < 2

    serve_metrics(look, host="127.0.0.1", port=unused_port, wait=wait)
    assert [metrics_of(text)["dialgate_bad_rows", "s"] for text in asked] == [1.0, 2.0]
    assert threading.active_count() < 10


@pytest.fixture
def unused_port() -> int:
    import socket

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def rules_of(shop: RecordedSuite) -> tuple[Path, dict[str, Any]]:
    folder = shop.folder.parent
    shop.write("policy.toml", POLICY + DEMOTE + ALL)
    found = dialgate(
        "dial", "alerts", "shop", "--rules", "rules.yml", "--dashboard", "board.json",
        folder=folder,
    )  # fmt: skip
    assert found.code == 0, found.err
    document: dict[str, Any] = json.loads((folder / "rules.yml").read_text("utf-8"))
    return folder, document


def test_every_signal_of_the_policy_has_a_rule(shop: RecordedSuite) -> None:
    _, document = rules_of(shop)
    rules = document["groups"][0]["rules"]
    signals = [rule["labels"].get("signal") for rule in rules]
    assert signals == [
        "intervention_rate", "escalation_rate", "cost_usd", "cost_p99_usd", "latency_p95_ms",
        "retry_loops", "volume", None, None,
    ]  # fmt: skip
    assert all(rule["annotations"]["accountable"].startswith("Mara") for rule in rules)
    assert all(rule["annotations"]["kill_switch"] == "systemctl stop agent" for rule in rules)


def test_promtool_takes_the_rules_and_they_fire(shop: RecordedSuite) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("there is no promtool: apt install prometheus")
    folder, _ = rules_of(shop)
    labels = 'suite="shop", action_class="mail", signal="cost_usd"'
    test = {
        "rule_files": ["rules.yml"],
        "tests": [
            {
                "interval": "1m",
                "input_series": [
                    {"series": f"dialgate_alarm{{{labels}}}", "values": "0 1 1"},
                    {
                        "series": 'dialgate_look_timestamp_seconds{suite="shop"}',
                        "values": "0 60 120",
                    },
                ],
                "alert_rule_test": [
                    {
                        "eval_time": "2m",
                        "alertname": "DialgateCostUsd",
                        "exp_alerts": [
                            {
                                "exp_labels": {
                                    "severity": "page", "suite": "shop", "signal": "cost_usd",
                                    "action_class": "mail",
                                },
                                "exp_annotations": {
                                    "summary": "shop: a task costs more on average in mail",
                                    "runbook": "shop/runbook.toml",
                                    "accountable": "Mara Lindqvist (unverified)",
                                    "kill_switch": "systemctl stop agent",
                                },
                            }
                        ],
                    },
                    {"eval_time": "2m", "alertname": "DialgateLookIsStale", "exp_alerts": []},
                ],
            }
        ],
    }  # fmt: skip
    (folder / "test.yml").write_text(json.dumps(test))
    for arguments in (("check", "rules", "rules.yml"), ("test", "rules", "test.yml")):
        ran = subprocess.run(
            [promtool, *arguments], cwd=folder, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_dashboard_asks_only_for_metrics_that_there_are(shop: RecordedSuite) -> None:
    folder, _ = rules_of(shop)
    board = json.loads((folder / "board.json").read_text("utf-8"))
    expressions = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    words = {
        word for text in expressions for word in text.replace("{", " ").replace("(", " ").split()
        if word.startswith("dialgate_")
    }  # fmt: skip
    assert words <= set(METRICS)
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
