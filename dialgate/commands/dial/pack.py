"""`dialgate pack`: an evidence folder and one page that an auditor can verify offline."""

from __future__ import annotations

from pathlib import Path

import click

from dialgate.commands.options import (
    DEFAULT_OUT,
    events_argument,
    given_events,
    moment_of,
    now_option,
    release_option,
    suite_argument,
)

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(name="pack")
@suite_argument
@events_argument
@click.option(
    "--out",
    "target",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="Where the pack goes: a new or empty folder, or a pack, which is replaced.",
)
@click.option(
    "--attestation",
    "attestations",
    type=_FILE,
    multiple=True,
    metavar="FILE",
    help="A signed verdict to put in; repeatable, the release's own last.",
)
@click.option(
    "--verdict",
    "verdicts",
    type=_FILE,
    multiple=True,
    metavar="FILE",
    help="A verdict of `check --json`; its figures and digest go in, its conversations don't.",
)
@click.option(
    "--run",
    "run_folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="RUN",
    help="The eval run that counts. Default: the newest record of the release.",
)
@release_option
@click.option(
    "--records",
    type=click.Path(path_type=Path, file_okay=False),
    default=DEFAULT_OUT,
    show_default=True,
    help="Where run records lie.",
)
@click.option(
    "--key",
    type=_FILE,
    metavar="FILE",
    help="Sign the manifest with this key. Default: DIALGATE_SIGNING_KEY, else nobody signs.",
)
@click.option("--json", "json_file", metavar="F", help="Write what is in it as JSON; - prints it.")
@now_option
def command(
    suite: Path,
    events: str | None,
    events_option: str | None,
    target: Path,
    attestations: tuple[Path, ...],
    verdicts: tuple[Path, ...],
    run_folder: Path | None,
    release: str | None,
    records: Path,
    key: Path | None,
    json_file: str | None,
    now: object,
) -> int:
    """Put what SUITE can show into a folder that holds together without it.

    Policy, dial, ledger, runbook, owners, drills, leases and signed verdicts go in as they are;
    cases, run records and review EVENTS as counts and digests. The page says what bears on the EU
    AI Act, ISO 42001 and the NIST AI RMF, by which file, and what doesn't. `dialgate verify DIR`
    checks it. Exit codes: 0; 2 for a usage or configuration error; 4 for evidence that can't be
    read, which the pack shows.
    """
    import os

    from dialgate.dial.operating.packing.packing import pack_suite
    from dialgate.dial.operating.packing.request import PackRequest
    from dialgate.signatures.keys import KEY_VARIABLE, signing_key
    from dialgate.terminal.output import say, to_json, write_text
    from dialgate_evals.suite.workspace import suite_folder
    from dialgate_reports.texts.operating.pack_text import render_pack

    source = given_events(events, events_option)
    wanted = key is not None or KEY_VARIABLE in os.environ
    document = pack_suite(
        PackRequest(
            folder=suite_folder(suite),
            target=target,
            events=source,
            attestations=attestations,
            verdicts=verdicts,
            run=run_folder,
            release=release,
            records=records,
            key=signing_key(wanted=wanted, path=key),
            now=moment_of(now),
        )
    )
    if json_file is not None:
        write_text(json_file, to_json(document))
    say(render_pack(document), to_stderr=json_file == "-")
    return 4 if document["unreadable"] else 0
