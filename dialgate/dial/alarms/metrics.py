"""What review events show as metrics: the dial, rates, costs and alarms of each class.

Gathers and names them; Prometheus reads them from a file or a page on loopback. A label
says a release's, mode's or class's name, escaped by the client. Values are computed anew at each
look, so all of them are gauges.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from dialgate.dial.alarms.watching import Watch, WatchRequest
from dialgate.dial.recommending.asking_events import asked_of, known_releases
from dialgate_evals.actions.action_classes import UNCLASSIFIED
from dialgate_evals.errors import UsageError
from dialgate_evals.events.counts.event_aggregation import aggregate_events
from dialgate_evals.suite.workspace import load_workspace
from dialgate_gate.live.live_figures import SAME_CALL_LIMIT, weigh_evidence
from dialgate_gate.settings.settings import load_settings
from dialgate_gate.settings.watch_policy import Signal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from prometheus_client import CollectorRegistry
    from prometheus_client.metrics_core import Metric

    from dialgate_gate.live.live_evidence import LiveClass


class Value(NamedTuple):
    """One value of one metric."""

    name: str
    labels: tuple[tuple[str, str], ...]
    value: float


METRICS = {
    "dialgate_mode": "1 for the mode that the class is in.",
    "dialgate_tasks": "Tasks with an event, without canaries.",
    "dialgate_reviewed_tasks": "Tasks that people reviewed.",
    "dialgate_intervened_tasks": "Reviewed tasks with an intervention.",
    "dialgate_escalated_tasks": "Tasks that were escalated.",
    "dialgate_intervention_rate_low": "Lower end of the intervention rate, at any number of looks.",
    "dialgate_intervention_rate_high": "Upper end of the intervention rate.",
    "dialgate_retry_loop_tasks": "Tasks in which one call was proposed over and over.",
    "dialgate_latency_p95_seconds": "P95 of latency.",
    "dialgate_task_cost_p99_dollars": "P99 of the cost of a task.",
    "dialgate_last_event_timestamp_seconds": "When the last event of the class occurred.",
    "dialgate_alarm": "1 while the class alarms on the signal, else 0.",
    "dialgate_alarm_since_timestamp_seconds": "Since when it does: the most likely moment.",
    "dialgate_bad_rows": "Rows of the events that were left out.",
    "dialgate_blind_signals": "Signals of the policy that no event says anything of.",
    "dialgate_look_timestamp_seconds": "When the events were last looked at.",
}
"""Every metric and what it says."""


@dataclass(frozen=True, kw_only=True)
class MetricsRequest:
    """What a person asked for."""

    folder: Path
    events: str | Path
    records: Path
    now: dt.datetime | None
    say: Callable[[str], None]


def gather_metrics(request: MetricsRequest) -> tuple[Value, ...]:
    """One look. Raises ConfigurationError: files of the workspace or over 1 % of rows are bad."""
    now = request.now or dt.datetime.now(dt.UTC)
    workspace, settings = load_workspace(request.folder), load_settings(request.folder)
    known = known_releases(workspace, workspace.release(), settings, request.records)
    cube = aggregate_events(
        request.events,
        workspace.actions,
        now=now,
        same_call_limit=SAME_CALL_LIMIT,
        asked=asked_of(workspace, settings, known.counts),
        say=request.say,
    )
    order = (*workspace.actions.names, UNCLASSIFIED.name)
    live = weigh_evidence(cube, class_names=order, releases=known, limit=None)
    watch = Watch(
        WatchRequest(folder=request.folder, events=request.events, records=request.records, now=now)
    )
    pages = {(page.action_class, page.signal): page for page in watch.pages()}
    suite = ("suite", workspace.suite.name)
    found = [Value("dialgate_look_timestamp_seconds", (suite,), now.timestamp())]
    found.append(Value("dialgate_bad_rows", (suite,), cube.bad_rows))
    found.append(Value("dialgate_blind_signals", (suite,), len(watch.paged.blind)))
    for item in (*workspace.actions.classes, UNCLASSIFIED):
        mode = ("mode", settings.dial.mode_of(item).value)
        found.append(Value("dialgate_mode", (suite, ("action_class", item.name), mode), 1))
    policy = settings.policy.watch
    signals = (Signal.INTERVENTION_RATE, *(() if policy is None else policy.rules))
    for name in order:
        for signal in signals:
            labels = (suite, ("action_class", name), ("signal", signal.value))
            page = pages.get((name, signal))
            found.append(Value("dialgate_alarm", labels, page is not None))
            if page is not None:
                since = page.alarm.since.timestamp()
                found.append(Value("dialgate_alarm_since_timestamp_seconds", labels, since))
    for live_class in live.classes:
        found += _values_of(live_class, suite)
    return tuple(found)


def _values_of(item: LiveClass, suite: tuple[str, str]) -> Iterator[Value]:
    labels = (
        suite,
        ("action_class", item.action_class),
        ("release", item.release),
        ("mode", item.mode.value),
    )
    rate = item.rates.get("intervention")
    values: dict[str, float | None] = {
        "dialgate_tasks": item.tasks.tasks,
        "dialgate_reviewed_tasks": item.tasks.reviewed,
        "dialgate_intervened_tasks": item.tasks.intervened,
        "dialgate_escalated_tasks": item.tasks.escalated,
        "dialgate_intervention_rate_low": None if rate is None else rate.low,
        "dialgate_intervention_rate_high": None if rate is None else rate.high,
        "dialgate_retry_loop_tasks": item.retry_loops,
        "dialgate_latency_p95_seconds": None
        if item.latency_ms.tail is None
        else item.latency_ms.tail / 1000,
        "dialgate_task_cost_p99_dollars": item.cost_usd.tail,
        "dialgate_last_event_timestamp_seconds": item.last_at.timestamp(),
    }
    for name, value in values.items():
        if value is not None:
            yield Value(name, labels, value)


class _Latest:
    """A collector of the values of the last look."""

    def __init__(self, values: Iterable[Value]) -> None:
        self.values = tuple(values)

    def collect(self) -> Iterator[Metric]:
        """The families in the order of `METRICS`."""
        from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415 - an extra

        for name, says in METRICS.items():
            values = [item for item in self.values if item.name == name]
            if not values:
                continue
            family = GaugeMetricFamily(name, says, labels=[key for key, _ in values[0].labels])
            for item in values:
                family.add_metric([text for _, text in item.labels], float(item.value))
            yield family


def _registry(latest: _Latest) -> CollectorRegistry:
    try:
        from prometheus_client import CollectorRegistry  # noqa: PLC0415 - an extra
    except ImportError:
        raise UsageError("dial metrics needs pip install 'dialgate[metrics]'.") from None
    found = CollectorRegistry(auto_describe=False)
    found.register(latest)
    return found


def metrics_text(values: Iterable[Value]) -> str:
    """The values as OpenMetrics 1.0. Raises UsageError without the extra."""
    registry = _registry(_Latest(values))
    from prometheus_client.openmetrics.exposition import generate_latest  # noqa: PLC0415 - an extra

    render: Callable[[CollectorRegistry], bytes] = generate_latest
    return render(registry).decode("utf-8")


def serve_metrics(
    look: Callable[[], tuple[Value, ...]], *, host: str, port: int, wait: Callable[[], bool]
) -> None:
    """Serves the last look's values until `wait` says no; a look after each wait.

    Raises UsageError: without the extra, or where the port can't be had.
    """
    latest = _Latest(look())
    registry = _registry(latest)
    from prometheus_client import start_http_server  # noqa: PLC0415 - an extra

    try:
        server, thread = start_http_server(port, addr=host, registry=registry)
    except OSError as error:
        raise UsageError(f"{host}:{port} can't be served: {error.strerror}.") from None
    try:
        while wait():
            latest.values = look()
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
