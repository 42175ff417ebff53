"""`dialgate check`: the main job."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import click

from dialgate.commands.options import (
    cluster_option,
    out_option,
    release_option,
    report_options,
    reuse_options,
    verbose_option,
)

if TYPE_CHECKING:
    import datetime as dt

    from dialgate.check.checking.request import CheckRequest
    from dialgate.signatures.attesting import Signer
    from dialgate_evals.running.executors.executor import Elsewhere
    from dialgate_reports.formats import ReportTargets


class CheckOptions(TypedDict):
    """What a person typed, as the options below name it."""

    suites: tuple[Path, ...]
    affected: bool
    release: str | None
    baseline: str | None
    allow: tuple[str, ...]
    require_sealed: bool
    if_changed: bool | None
    attest: str | None
    key_file: Path | None
    nonce_file: Path | None
    blame_calls: int | None
    judge_all: bool
    resume: bool
    no_cache: bool
    cluster: str | None
    out: Path
    targets: ReportTargets
    verbose: bool


@click.command()
@click.argument("suites", nargs=-1, metavar="SUITE...", type=click.Path(path_type=Path))
@click.option(
    "--affected",
    is_flag=True,
    help="Judge the suites below the folders named that the change touches; default: below here.",
)
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
    "--require-sealed",
    is_flag=True,
    help="A check that is not sealed is invalid (exit 4), whatever the policy says.",
)
@click.option(
    "--if-changed/--always",
    default=None,
    help="Run nothing where nothing that decides differs from the baseline; or run it all the "
    "same. Default: --if-changed for the default baseline, --always where --baseline or "
    "--no-cache is given.",
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
@click.option(
    "--nonce",
    "nonce_file",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    metavar="FILE",
    help="A file or pipe with a nonce that stands in the verdict, so that whoever drew it knows "
    "the verdict for this check's; - is standard input. Default: one is drawn.",
)
@click.option(
    "--blame",
    "blame_calls",
    type=click.IntRange(min=1),
    metavar="N",
    help="After a fail, look for the change that broke it, by at most N of the calls that "
    "max_agent_calls leaves.",
)
@click.option(
    "--judge",
    "judge_all",
    is_flag=True,
    help="Ask the judges of judge.toml also where their votes are only shown.",
)
@reuse_options
@cluster_option
@out_option
@report_options
@verbose_option
def command(**given: Unpack[CheckOptions]) -> int:
    """Is this release worse than its baseline, for any action class?

    Several suites share one budget of calls, and the worst exit code counts: 1, then 2, 4, 3, 0.
    Exit codes: 0 pass, 1 fail, 2 usage or configuration error, 3 inconclusive, 4 invalid.
    """
    import datetime as dt

    from dialgate.reporting.reporting import refuse_two_on_stdout
    from dialgate.reporting.run_nonce import read_nonce
    from dialgate.reporting.several.judging import judge_one
    from dialgate.runs.recorded_run import other_machines
    from dialgate.signatures.attesting import find_signer
    from dialgate.terminal.outer_process import THIS_RUN

    if not given["suites"] and not given["affected"]:
        raise click.UsageError("Missing argument 'SUITE...'.")
    are_several = given["affected"] or len(given["suites"]) > 1
    refuse_two_on_stdout(given["targets"])
    nonce = THIS_RUN.nonce if given["nonce_file"] is None else read_nonce(given["nonce_file"])
    signer = find_signer(given["attest"], given["key_file"], if_changed=given["if_changed"])
    now = dt.datetime.now(dt.UTC)
    is_usual = given["baseline"] is None and not given["no_cache"] and not signer
    may_skip = is_usual if given["if_changed"] is None else given["if_changed"]
    with other_machines(given["cluster"]) as elsewhere:
        request = _request(given, now, elsewhere, are_several=are_several)
        if are_several:
            return _check_several(given, request, nonce, may_skip=may_skip)
        document = judge_one(request, may_skip=may_skip)
    if given["blame_calls"] is not None:
        _blame(document, request, given["blame_calls"])
    _leave(document, given, nonce, signer)
    return int(document["exit_code"])


def _request(
    given: CheckOptions, now: dt.datetime, elsewhere: Elsewhere | None, *, are_several: bool
) -> CheckRequest:
    from dialgate.check.checking.request import CheckRequest
    from dialgate.runs.recorded_run import RunOptions
    from dialgate_evals.suite.workspace import suite_folder

    return CheckRequest(
        folder=suite_folder(given["suites"][0]) if not are_several else Path(),
        release=given["release"],
        baseline=given["baseline"],
        allow=given["allow"],
        require_sealed=given["require_sealed"],
        judge_all=given["judge_all"],
        options=RunOptions(
            out=given["out"],
            resume=given["resume"],
            use_cache=not given["no_cache"],
            cluster=elsewhere,
        ),
        today=now.date(),
        at=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )


def _check_several(
    given: CheckOptions, request: CheckRequest, nonce: str, *, may_skip: bool
) -> int:
    from dialgate.reporting.several.command import SeveralRequest, check_several, refuse_alone

    refuse_alone(
        {"--attest": given["attest"], "--key": given["key_file"], "--blame": given["blame_calls"]}
    )
    return check_several(
        SeveralRequest(
            paths=given["suites"],
            affected=given["affected"],
            asked=request,
            may_skip=may_skip,
            targets=given["targets"],
            verbose=given["verbose"],
            nonce=nonce,
        )
    )


def _leave(
    document: dict[str, Any], given: CheckOptions, nonce: str, signer: Signer | None
) -> None:
    """Writes the verdict, signs it, shows it in every form that was asked for."""
    import datetime as dt

    from dialgate.reporting.reporting import write_reports
    from dialgate.reporting.several.command import leave_verdict
    from dialgate.terminal.output import say
    from dialgate_evals.files.problems import show_path

    targets, out = given["targets"], given["out"]
    record = leave_verdict(document, out, nonce)
    if signer is not None:
        signer.sign(document, dt.datetime.now(dt.UTC))
    write_reports(document, targets, records=out, verbose=given["verbose"])
    say(f"Verdict: {show_path(record)}", to_stderr=targets.takes_stdout)
    if signer is not None:
        say(f"Signed: {show_path(signer.target)}", to_stderr=targets.takes_stdout)


def _blame(document: dict[str, Any], request: CheckRequest, most: int) -> None:
    """Which change broke it, put into the verdict's document."""
    from dialgate.changes.blame.after_check import add_blame
    from dialgate.changes.blame.blaming import BlameRequest

    add_blame(
        document,
        BlameRequest(
            folder=request.folder,
            release=request.release,
            baseline=request.baseline,
            action_class=None,
            budget=most,
            out=request.options.out,
        ),
    )
