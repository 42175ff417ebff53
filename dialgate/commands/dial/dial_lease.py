"""`dialgate dial lease`: renews the leases of the classes that still have what they rest on."""

from __future__ import annotations

from pathlib import Path

import click

from dialgate.commands.options import (
    attestation_option,
    events_argument,
    given_events,
    moment_of,
    now_option,
    out_option,
    record_option,
    release_option,
    suite_argument,
)


@click.command(name="lease")
@suite_argument
@events_argument
@click.option("--hours", type=int, metavar="N", help="For so long; default: the policy's hours.")
@click.option(
    "--key",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The private Ed25519 key; default: DIALGATE_SIGNING_KEY.",
)
@record_option
@release_option
@attestation_option
@click.option(
    "--json", "json_file", metavar="F", help="Write what became of each class; - prints it."
)
@now_option
@out_option
def command(
    suite: Path,
    events: str | None,
    events_option: str | None,
    hours: int | None,
    key: Path | None,
    run_folder: Path | None,
    release: str | None,
    attestation: Path | None,
    json_file: str | None,
    now: object,
    out: Path,
) -> int:
    """Write a lease for each class of SUITE whose mode rests on what is still there.

    What a mode rests on is looked at now: the release, the runbook, the signed verdict, the eval
    run, the review EVENTS. A class without it gets a lease for less, or none, as [lapse] of
    policy.toml says; a lease that it had is taken away. For CI or cron: renew well before the end.
    Exit codes: 0 every class has what its dial says; 1 a class lapsed; 2 for a usage or
    configuration error; 4 where the dial's books don't agree or a record can't be read.
    """
    from dialgate.dial.leasing import LeaseRequest, lease_classes
    from dialgate.dial.recommending.recommending import RecommendRequest
    from dialgate.signatures.keys import signing_key
    from dialgate.terminal.output import say, to_json, write_text
    from dialgate_evals.suite.workspace import suite_folder
    from dialgate_reports.graduation.lease_text import render_leases

    private = signing_key(wanted=True, path=key)
    assert private is not None
    asked = RecommendRequest(
        folder=suite_folder(suite),
        events=given_events(events, events_option),
        run=run_folder,
        release=release,
        attestation=attestation,
        out=out,
        now=moment_of(now),
    )
    found = lease_classes(LeaseRequest(asked=asked, key=private, hours=hours))
    if json_file is not None:
        write_text(json_file, to_json(found.document))
    say(render_leases(found.document), to_stderr=json_file == "-")
    return int(any(item.lost for item in found.classes))
