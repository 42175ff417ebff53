"""Alerting rules for Prometheus and a dashboard for Grafana, generated from policy and runbook.

Pure, over the metrics of `dial.alarms.metrics`. The rules are JSON, which is YAML as well.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dialgate_gate.settings.watch_policy import Signal

if TYPE_CHECKING:
    from dialgate_gate.settings.settings import GateSettings

STALE_S = 3_600
"""A look that is older says nothing of now."""

_SAYS = {
    Signal.INTERVENTION_RATE: "people intervene over the limit of [demote]",
    Signal.ESCALATION_RATE: "more tasks are escalated",
    Signal.COST_USD: "a task costs more on average",
    Signal.COST_P99_USD: "the P99 of a task's cost rose",
    Signal.LATENCY_P95_MS: "the P95 of latency rose",
    Signal.RETRY_LOOPS: "more tasks go round in a retry loop",
    Signal.VOLUME: "tasks stopped coming",
}


def alert_rules(suite: str, settings: GateSettings, *, runbook: str, accountable: str) -> str:
    """The rules of the suite: one a signal that its policy watches, and two on the watch itself."""
    watch = settings.policy.watch
    signals = [Signal.INTERVENTION_RATE] if settings.policy.demote is not None else []
    signals += [] if watch is None else list(watch.rules)
    switch = settings.runbook.kill_switch
    notes = {
        "runbook": runbook,
        "accountable": accountable,
        **({} if switch is None else {"kill_switch": switch.run}),
    }
    rules = [_signal_rule(suite, signal, notes) for signal in signals]
    rules.append(
        _rule(
            "DialgateLookIsStale",
            f"absent(dialgate_look_timestamp_seconds{_of(suite)}) or "
            f"time() - dialgate_look_timestamp_seconds{_of(suite)} > {STALE_S}",
            f"nobody has looked at the review events of {suite} for an hour",
            {"suite": suite},
            notes,
        )
    )
    rules.append(
        _rule(
            "DialgateIsBlind",
            f"dialgate_blind_signals{_of(suite)} > 0",
            f"no event of {suite} says what its policy watches",
            {"suite": suite},
            notes,
        )
    )
    groups = {"groups": [{"name": f"dialgate {suite}", "rules": rules}]}
    return json.dumps(groups, indent=2, ensure_ascii=False) + "\n"


def _signal_rule(suite: str, signal: Signal, notes: dict[str, str]) -> dict[str, Any]:
    words = "".join(part.title() for part in signal.value.split("_"))
    return _rule(
        f"Dialgate{words}",
        f"dialgate_alarm{_of(suite, signal=signal.value)} == 1",
        f"{suite}: {_SAYS[signal]} in {{{{ $labels.action_class }}}}",
        {"suite": suite, "signal": signal.value},
        notes,
    )


def _rule(
    name: str, expression: str, summary: str, labels: dict[str, str], notes: dict[str, str]
) -> dict[str, Any]:
    return {
        "alert": name,
        "expr": expression,
        "labels": {"severity": "page", **{key: _plain(text) for key, text in labels.items()}},
        "annotations": {
            "summary": summary if "$labels" in summary else _plain(summary),
            **{key: _plain(text) for key, text in notes.items()},
        },
    }


def _plain(text: str) -> str:
    """The text where Prometheus would read a template."""
    return text.replace("{{", "{ {")


def _of(suite: str, **more: str) -> str:
    """A selector; a JSON text is a PromQL one."""
    pairs = {"suite": suite, **more}
    said = (f"{key}={json.dumps(text, ensure_ascii=False)}" for key, text in pairs.items())
    return "{" + ", ".join(said) + "}"


_PANELS: tuple[tuple[str, str, str, str], ...] = (
    ("Alarms", "max by (action_class, signal) (dialgate_alarm{of})",
     "{{action_class}} {{signal}}", "short"),
    ("Mode of each class", "dialgate_mode{of}", "{{action_class}} {{mode}}", "short"),
    ("Intervention rate, upper end", "dialgate_intervention_rate_high{of}",
     "{{action_class}} {{release}} {{mode}}", "percentunit"),
    ("Escalated share of tasks", "dialgate_escalated_tasks{of} / dialgate_tasks{of}",
     "{{action_class}} {{release}} {{mode}}", "percentunit"),
    ("P99 of a task's cost", "dialgate_task_cost_p99_dollars{of}",
     "{{action_class}} {{release}} {{mode}}", "currencyUSD"),
    ("P95 of latency", "dialgate_latency_p95_seconds{of}",
     "{{action_class}} {{release}} {{mode}}", "s"),
    ("Tasks with a retry loop", "dialgate_retry_loop_tasks{of}",
     "{{action_class}} {{release}} {{mode}}", "short"),
    ("Seconds since the last event", "time() - dialgate_last_event_timestamp_seconds{of}",
     "{{action_class}} {{release}}", "s"),
)  # fmt: skip
"""Title, expression, legend and unit of each."""


def dashboard(suite: str) -> str:
    """A Grafana dashboard of the suite; it asks for the data source when it is imported."""
    selector = _of(suite)
    panels = [
        {
            "id": number + 1,
            "type": "stat" if number == 0 else "timeseries",
            "title": title,
            "datasource": {"type": "prometheus", "uid": "${datasource}"},
            "gridPos": {"h": 8, "w": 12, "x": 12 * (number % 2), "y": 8 * (number // 2)},
            "fieldConfig": {"defaults": {"unit": unit}, "overrides": []},
            "targets": [
                {
                    "refId": "A",
                    "expr": expression.replace("{of}", selector),
                    "legendFormat": legend,
                }
            ],
        }
        for number, (title, expression, legend, unit) in enumerate(_PANELS)
    ]
    document = {
        "title": f"dialgate: {suite}",
        "tags": ["dialgate"],
        "schemaVersion": 39,
        "timezone": "utc",
        "refresh": "1m",
        "time": {"from": "now-30d", "to": "now"},
        "templating": {
            "list": [
                {
                    "name": "datasource",
                    "label": "Data source",
                    "type": "datasource",
                    "query": "prometheus",
                }
            ]
        },
        "panels": panels,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
