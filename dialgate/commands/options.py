"""Options that several commands share, as decorators."""

from __future__ import annotations

import datetime as dt
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

import click

from dialgate_evals.errors import UsageError
from dialgate_reports.formats import FORMATS, ReportTargets

if TYPE_CHECKING:
    from collections.abc import Callable

    from dialgate_reports.formats import Kind

F = TypeVar("F", bound="Callable[..., object]")

NO_EVENTS = "EVENTS is missing: a file, folder, glob or URL of review events."

DEFAULT_OUT = Path(".dialgate")


def suite_argument(function: F) -> F:
    """SUITE: a suite's folder, or its suite.toml."""
    return click.argument("suite", type=click.Path(path_type=Path))(function)


def release_option(function: F) -> F:
    """--release FILE: which release of the suite; the command gets the text as typed."""
    return click.option(
        "--release",
        metavar="FILE",
        help="A release file; looked up from here, then from the suite's folder. "
        "Default: the suite's release.toml.",
    )(function)


def record_option(function: F) -> F:
    """--run DIR: the run record that modes rest on; the command gets it as `run_folder`."""
    return click.option(
        "--run",
        "run_folder",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DIR",
        help="The run record to rest on; default: the newest of this release below --out.",
    )(function)


def attestation_option(function: F) -> F:
    """--attestation FILE: a signed verdict, for modes that ask for one."""
    return click.option(
        "--attestation",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="A signed verdict on the release, for modes that the policy asks one for.",
    )(function)


def reuse_options(function: F) -> F:
    """--resume, --no-cache: what of earlier runs is taken."""
    function = click.option(
        "--no-cache", is_flag=True, help="Run every trial, even one that was run before."
    )(function)
    return click.option("--resume", is_flag=True, help="Go on where an interrupted run stopped.")(
        function
    )


def cluster_option(function: F) -> F:
    """--cluster URL: where trials run."""
    return click.option(
        "--cluster",
        metavar="URL",
        help="Run the trials on a Dask cluster: tcp://HOST:PORT or tls://HOST:PORT of its "
        "scheduler, or local:N for N workers here.",
    )(function)


def out_option(function: F) -> F:
    """--out DIR: where records lie; .dialgate by default."""
    return click.option(
        "--out",
        type=click.Path(path_type=Path, file_okay=False),
        default=DEFAULT_OUT,
        show_default=True,
        help="Where run records and verdicts go.",
    )(function)


def report_options(function: F) -> F:
    """An option for each form of a verdict, a file or - for standard output; together `targets`."""
    return _form_options(function, "verdict", "Write {what} to F; - prints it.")


def findings_options(function: F) -> F:
    """An option for each form of what was found, as `report_options`."""
    return _form_options(function, "findings", "Write what was found as {title} to F; - prints it.")


def _form_options(function: F, kind: Kind, words: str) -> F:
    forms = [form for form in FORMATS if form.module_of(kind) is not None]

    @wraps(function)
    def with_targets(**given: object) -> object:
        named = {form.name: given.pop(f"{form.name}_file") for form in forms}
        files = {name: str(file) for name, file in named.items() if file is not None}
        return function(**given, targets=ReportTargets(files))

    made: Callable[..., object] = with_targets
    for form in reversed(forms):
        made = click.option(
            f"--{form.name}",
            f"{form.name}_file",
            metavar="F",
            help=words.format(what=form.what, title=form.title),
        )(made)
    return cast("F", made)


def events_argument(function: F) -> F:
    """EVENTS, which --events names as well; see `given_events`."""
    function = click.option(
        "--events",
        "events_option",
        metavar="EVENTS",
        help="EVENTS by name; a URL may hold a password that is never shown.",
    )(function)
    return click.argument("events", required=False)(function)


def given_events(events: str | None, events_option: str | None) -> str | None:
    """The events that were named, either way. Raises UsageError where both ways were used."""
    if events is not None and events_option is not None:
        raise click.UsageError("EVENTS is given twice, as an argument and by --events.")
    return events_option if events is None else events


def needed_events(events: str | None, events_option: str | None) -> str:
    """As `given_events`. Raises UsageError where none were named too."""
    source = given_events(events, events_option)
    if source is None:
        raise UsageError(NO_EVENTS)
    return source


def now_option(function: F) -> F:
    """--now MOMENT; see `moment_of`."""
    return click.option(
        "--now",
        type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"]),
        help="The moment (UTC) to judge at; default: now.",
    )(function)


def moment_of(now: object) -> dt.datetime:
    """The moment that --now names, in UTC."""
    return now.replace(tzinfo=dt.UTC) if isinstance(now, dt.datetime) else dt.datetime.now(dt.UTC)


def waiting(every_s: float) -> Callable[[], bool]:
    """What `--every` does between two looks; true: there is another."""

    def wait() -> bool:
        import time

        time.sleep(every_s)
        return True

    return wait


def verbose_option(function: F) -> F:
    """--verbose, -v: more of what is left out of the usual text."""
    return click.option("--verbose", "-v", is_flag=True, help="Show more.")(function)
