"""`dialgate check`: the main job."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dialgate.commands.options import (
    cluster_option,
    out_option,
    release_option,
    report_options,
    reuse_options,
    suite_argument,
    verbose_option,
)

if TYPE_CHECKING:
    from dialgate.check.checking.request import CheckRequest
    from dialgate_reports.formats import ReportTargets


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
def command(
    suite: Path,
    release: str | None,
    baseline: str | None,
    allow: tuple[str, ...],
    require_sealed: bool,
    if_changed: bool | None,
    attest: str | None,
    key_file: Path | None,
    nonce_file: Path | None,
    blame_calls: int | None,
    judge_all: bool,
    resume: bool,
    no_cache: bool,
    cluster: str | None,
    out: Path,
    targets: ReportTargets,
    verbose: bool,
) -> int:
    """Is this release worse than its baseline, for any action class?

    Exit codes: 0 pass, 1 fail, 2 usage or configuration error, 3 inconclusive, 4 invalid.
    """
    import datetime as dt

    from dialgate.check.checking.request import CheckRequest
    from dialgate.reporting.reporting import refuse_two_on_stdout, write_reports
    from dialgate.reporting.run_nonce import read_nonce
    from dialgate.runs.recorded_run import RunOptions, other_machines
    from dialgate.signatures.attesting import find_signer
    from dialgate.terminal.outer_process import THIS_RUN
    from dialgate.terminal.output import say
    from dialgate_evals.files.problems import show_path
    from dialgate_evals.suite.workspace import suite_folder

    refuse_two_on_stdout(targets)
    nonce = THIS_RUN.nonce if nonce_file is None else read_nonce(nonce_file)
    signer = find_signer(attest, key_file, if_changed=if_changed)
    now = dt.datetime.now(dt.UTC)
    is_usual = baseline is None and not no_cache and not signer
    may_skip = is_usual if if_changed is None else if_changed
    with other_machines(cluster) as elsewhere:
        options = RunOptions(out=out, resume=resume, use_cache=not no_cache, cluster=elsewhere)
        request = CheckRequest(
            folder=suite_folder(suite),
            release=release,
            baseline=baseline,
            allow=allow,
            require_sealed=require_sealed,
            judge_all=judge_all,
            options=options,
            today=now.date(),
            at=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        )
        document = (_judge_without_running_all(request) if may_skip else None) or _check(request)
    if blame_calls is not None:
        _blame(document, request, blame_calls)
    record = _leave(document, out, nonce)
    if signer is not None:
        signer.sign(document, dt.datetime.now(dt.UTC))
    write_reports(document, targets, records=out, verbose=verbose)
    say(f"Verdict: {show_path(record)}", to_stderr=targets.takes_stdout)
    if signer is not None:
        say(f"Signed: {show_path(signer.target)}", to_stderr=targets.takes_stdout)
    return int(document["exit_code"])


def _judge_without_running_all(request: CheckRequest) -> dict[str, Any] | None:
    """The verdict where nothing that decides differs, or cases were added only; else None."""
    from dialgate.check.check_inputs import read_inputs
    from dialgate.check.unchanged import judge_added_cases, judge_unchanged

    release, allow, sealed = request.release, request.allow, request.require_sealed
    inputs = read_inputs(
        request.folder,
        release=release,
        baseline=request.baseline,
        allow=allow,
        today=request.today,
    )
    return judge_unchanged(
        inputs,
        release=release,
        allow=allow,
        out=request.options.out,
        require_sealed=sealed,
        at=request.at,
    ) or judge_added_cases(
        inputs,
        release=release,
        allow=allow,
        options=request.options,
        require_sealed=sealed,
        at=request.at,
    )


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


def _check(request: CheckRequest) -> dict[str, Any]:
    from dialgate.check.checking.release_check import check_release
    from dialgate.reporting.partings import add_partings
    from dialgate_evals.suite.workspace import load_workspace, named_release_file

    document = check_release(request).document
    workspace = load_workspace(request.folder)
    release = workspace.release(named_release_file(request.release, workspace.folder))
    add_partings(document, workspace, release.tools)
    return document


def _leave(document: dict[str, Any], out: Path, nonce: str) -> Path:
    """Writes the verdict where records lie, with the nonce by which it is known for this run's."""
    from dialgate.terminal.outer_process import THIS_RUN
    from dialgate.terminal.output import to_json
    from dialgate_evals.files.file_writing import write_atomically
    from dialgate_evals.records.own_folders import refuse_links

    refuse_links(out)
    out.mkdir(parents=True, exist_ok=True)
    record = out / f"verdict-{document['suite']}.json"
    document["nonce"] = nonce
    content = to_json(document).encode("ascii")
    write_atomically(record, content)
    THIS_RUN.wrote_verdict(record, content, nonce=nonce)
    return record
