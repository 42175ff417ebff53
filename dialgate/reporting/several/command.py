"""`check` as it is asked of several suites: which they are, what is written, the exit code.

Leaves judging to `judging` and forms to `reports`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialgate.git.asking.kept_answers import asking_once
from dialgate.reporting.reporting import write_forms
from dialgate.reporting.several.judging import JudgedSuite, SeveralChecks, several_document
from dialgate.terminal.outer_process import THIS_RUN
from dialgate.terminal.output import say, to_json, wants_color
from dialgate_evals.errors import UsageError
from dialgate_evals.files.file_writing import write_atomically
from dialgate_evals.files.problems import join_words, show_path
from dialgate_evals.records.own_folders import refuse_links
from dialgate_reports.page.subject import Subject
from dialgate_reports.verdict.several.several_text import render_several, render_suite

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dialgate.check.checking.affected_suites import Affected
    from dialgate.check.checking.request import CheckRequest
    from dialgate_reports.formats import ReportTargets


@dataclass(frozen=True, kw_only=True)
class SeveralRequest:
    """What a person asked of several suites."""

    paths: tuple[Path, ...]
    # suites; with `affected` folders below which they lie, the current one where none is named
    affected: bool
    asked: CheckRequest
    # for each of them alike; its folder is none of theirs
    may_skip: bool
    targets: ReportTargets
    verbose: bool
    nonce: str


def refuse_alone(given: Mapping[str, object]) -> None:
    """Raises UsageError for options that are about one suite."""
    named = [name for name, value in given.items() if value is not None]
    if named:
        raise UsageError(f"{join_words(named)}: for one suite only. Name one, or leave it out.")


def check_several(request: SeveralRequest) -> int:
    """Judges them, shows each as it ends, writes every form; the worst exit code.

    All of them see the checkout of the beginning. Raises UsageError where the suites can't be
    found out, InterruptedRunError on Ctrl-C.
    """
    with asking_once():
        return _check_several(request)


def _check_several(request: SeveralRequest) -> int:
    out = request.asked.options.out
    refuse_links(out)
    affected = _affected(request) if request.affected else None
    to_stderr = request.targets.takes_stdout
    color = wants_color(to_stderr=to_stderr)

    def show(item: JudgedSuite) -> None:
        text = render_suite(item.as_json(), color=color, verbose=request.verbose)
        say(text, to_stderr=to_stderr)

    checks = SeveralChecks(
        may_skip=request.may_skip,
        keep=lambda document: leave_verdict(document, out, request.nonce),
        show=show,
    )
    checks.add_gone(() if affected is None else affected.gone)
    checks.run(_requests(request, affected))
    document = several_document(checks, at=request.asked.at, nonce=request.nonce, affected=affected)
    record = _leave(document, out, request.nonce)
    write_forms(Subject(document=document), request.targets, of="verdicts")
    say(render_several(document), to_stderr=to_stderr)
    say(f"Verdicts: {show_path(record)}", to_stderr=to_stderr)
    return int(document["exit_code"])


def _affected(request: SeveralRequest) -> Affected:
    from dialgate.check.checking.affected_suites import AffectedQuery  # noqa: PLC0415 - one use

    asked = request.asked
    query = AffectedQuery(baseline=asked.baseline, out=asked.options.out, allow=asked.allow)
    return query.below(request.paths or (Path(),))


def _requests(
    request: SeveralRequest, affected: Affected | None
) -> Sequence[tuple[CheckRequest, str]]:
    """One for each suite, each suite once, in the order in which they were named or found."""
    asked = request.asked
    if affected is not None:
        # A base that was named doesn't hold what is new: that is judged as a first release.
        return [
            (replace(asked, folder=x.folder, baseline=None if x.is_new else asked.baseline), x.why)
            for x in affected.touched
        ]
    folders = [path.parent if path.name == "suite.toml" else path for path in request.paths]
    once = {folder.resolve(): folder for folder in folders}
    return [(replace(asked, folder=folder), "") for folder in once.values()]


def leave_verdict(document: dict[str, Any], out: Path, nonce: str) -> Path:
    """Writes one suite's verdict where records lie, with the nonce that makes it this run's."""
    return _leave(document, out, nonce, f"verdict-{document['suite']}.json")


def _leave(document: dict[str, Any], out: Path, nonce: str, name: str = "verdicts.json") -> Path:
    refuse_links(out)
    out.mkdir(parents=True, exist_ok=True)
    record = out / name
    document["nonce"] = nonce
    content = to_json(document).encode("ascii")
    write_atomically(record, content)
    THIS_RUN.wrote_verdict(record, content, nonce=nonce)
    return record
