"""`dialgate dial metrics` and `dial alerts`: what Prometheus reads, and what it alarms on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dialgate.commands.options import (
    events_argument,
    moment_of,
    needed_events,
    now_option,
    out_option,
    suite_argument,
    waiting,
)

if TYPE_CHECKING:
    from pathlib import Path


@click.command(name="metrics")
@suite_argument
@events_argument
@click.option("--write", "target", metavar="F", help="Write them to this file; - prints them.")
@click.option("--serve", "port", type=click.IntRange(0, 65535), metavar="PORT", help="Serve them.")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="With --serve: the address to listen at; nobody is asked who they are.",
)
@click.option(
    "--every",
    type=click.FloatRange(min=1),
    default=60.0,
    show_default=True,
    metavar="S",
    help="With --serve: seconds between two looks.",
)
@now_option
@out_option
def metrics(
    suite: Path,
    events: str | None,
    events_option: str | None,
    target: str | None,
    port: int | None,
    host: str,
    every: float,
    now: object,
    out: Path,
) -> int:
    """What the review EVENTS of SUITE show, as OpenMetrics for Prometheus: rates, costs, alarms.

    Once, to a file that a text-file collector reads (- prints them, as without --write), or served
    at /metrics until interrupted. Exit codes: 0; 2 for a usage or configuration error.
    """
    from dialgate.dial.alarms.metrics import (
        MetricsRequest,
        Value,
        gather_metrics,
        metrics_text,
        serve_metrics,
    )
    from dialgate.terminal.output import say, write_text
    from dialgate_evals.errors import UsageError
    from dialgate_evals.suite.workspace import suite_folder

    source = needed_events(events, events_option)
    if port is not None and target is not None:
        raise UsageError("--write and --serve are two ways; choose one.")
    request = MetricsRequest(
        folder=suite_folder(suite),
        events=source,
        records=out,
        now=None if now is None else moment_of(now),
        say=lambda text: say(text, to_stderr=True),
    )

    def look() -> tuple[Value, ...]:
        return gather_metrics(request)

    if port is None:
        write_text(target or "-", metrics_text(look()))
        return 0
    say(f"Serving http://{host}:{port}/metrics until interrupted.", to_stderr=True)
    serve_metrics(look, host=host, port=port, wait=waiting(every))
    return 0


@click.command(name="alerts")
@suite_argument
@click.option("--rules", metavar="F", help="Write alerting rules for Prometheus; - prints them.")
@click.option("--dashboard", "board", metavar="F", help="Write a Grafana dashboard; - prints it.")
def alerts(suite: Path, rules: str | None, board: str | None) -> int:
    """Alerting rules and a dashboard over `dial metrics`, from the policy and runbook of SUITE.

    Without an option the rules are printed. Exit codes: 0; 2 for a usage or configuration error.
    """
    import datetime as dt

    from dialgate.dial.alarms.alert_rules import alert_rules, dashboard
    from dialgate.terminal.output import write_text
    from dialgate_evals.actions.action_classes import UNCLASSIFIED
    from dialgate_evals.files.problems import show_path
    from dialgate_evals.suite.workspace import load_workspace, suite_folder
    from dialgate_gate.live.alarms.on_call import owner_on_call
    from dialgate_gate.settings.settings import load_settings

    folder = suite_folder(suite)
    workspace, settings = load_workspace(folder), load_settings(folder)
    answers = owner_on_call(settings, UNCLASSIFIED.name, dt.datetime.now(dt.UTC))
    if rules is not None or board is None:
        text = alert_rules(
            workspace.suite.name,
            settings,
            runbook=show_path(folder / "runbook.toml"),
            accountable=answers.raci.accountable.shown,
        )
        write_text(rules or "-", text)
    if board is not None:
        write_text(board, dashboard(workspace.suite.name))
    return 0
