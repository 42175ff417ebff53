"""`dialgate check`: the main job."""

from __future__ import annotations

from pathlib import Path

import click

from dialgate.commands.options import (
    out_option,
    release_option,
    report_options,
    reuse_options,
    suite_argument,
    verbose_option,
)


@click.command()
@suite_argument
@release_option
@click.option(
    "--baseline",
    metavar="REF|RUN|FILE",
    help="What to compare with: a git ref, a run record's folder or a release file. "
    "Default: the merge base with the main branch.",
)
@click.option(
    "--allow",
    multiple=True,
    metavar="LABEL",
    help="A label that the base's policy names, such as suite-change; recorded in the verdict.",
)
@click.option(
    "--attest",
    metavar="F",
    help="Sign the verdict, whatever it is: an in-toto statement in a DSSE envelope.",
)
@click.option(
    "--key",
    "key_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The private key (PEM) for --attest; default: the variable DIALGATE_SIGNING_KEY.",
)
@reuse_options
@out_option
@report_options
@verbose_option
def command(
    suite: Path,
    release: str | None,
    baseline: str | None,
    allow: tuple[str, ...],
    attest: str | None,
    key_file: Path | None,
    resume: bool,
    no_cache: bool,
    out: Path,
    json_file: str | None,
    markdown_file: str | None,
    html_file: str | None,
    junit_file: str | None,
    verbose: bool,
) -> int:
    """Is this release worse than its baseline, for any action class?

    Exit codes: 0 pass, 1 fail, 2 usage or configuration error, 3 inconclusive, 4 invalid.
    """
    import datetime as dt

    from dialgate.attesting import sign_verdict
    from dialgate.checking import CheckRequest, check_release
    from dialgate.evidence import EvidenceOptions
    from dialgate.output import say, to_json, write_text
    from dialgate.reporting import ReportTargets, write_reports
    from dialgate.signing import find_target, signing_key
    from evals.problems import show_path
    from evals.run_record import write_atomically
    from evals.workspace import suite_folder

    targets = ReportTargets(
        json=json_file, markdown=markdown_file, html=html_file, junit=junit_file
    )
    find_target(attest)
    key = signing_key(wanted=attest is not None, path=key_file)
    outcome = check_release(
        CheckRequest(
            folder=suite_folder(suite),
            release=release,
            baseline=baseline,
            allow=allow,
            options=EvidenceOptions(out=out, resume=resume, use_cache=not no_cache),
            today=dt.datetime.now(dt.UTC).date(),
        )
    )
    out.mkdir(parents=True, exist_ok=True)
    record = out / f"verdict-{outcome.document['suite']}.json"
    write_atomically(record, to_json(outcome.document).encode("ascii"))
    if attest is not None and key is not None:
        signed = sign_verdict(outcome.document, key, dt.datetime.now(dt.UTC))
        write_text(attest, signed.decode("ascii"))
    write_reports(outcome.document, targets, records=out, verbose=verbose)
    say(f"Verdict: {show_path(record)}", to_stderr=targets.takes_stdout)
    if attest is not None:
        say(f"Signed: {attest}", to_stderr=targets.takes_stdout)
    return outcome.verdict.exit_code
