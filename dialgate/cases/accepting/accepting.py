"""`dialgate accept`: finds what there is to decide, asks by page or terminal, writes at the end.

The wiring; leaves each part to its own file.
"""

from __future__ import annotations

import getpass
import signal
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from dialgate.cases.accepting.confirmed_classes import confirm_classes
from dialgate.cases.accepting.finishing import finish
from dialgate.cases.accepting.session import Session
from dialgate.cases.accepting.source import open_source
from dialgate.cases.accepting.suite_of_run import find_suite_of
from dialgate.runs.fuzzing.found_files import found_file
from dialgate.terminal.output import say
from dialgate_evals.actions.rubrics.labels.label_files import FOLDER
from dialgate_evals.errors import UsageError
from dialgate_evals.files.plain_text import printable
from dialgate_evals.files.problems import join_words, show_path
from dialgate_evals.suite.workspace import suite_folder
from dialgate_gate.wording import count_of

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate.cases.accepting.found.queue import FoundQueue
    from dialgate.cases.accepting.source import ReviewSource

_LONGEST_NAME = 200


@dataclass(frozen=True, kw_only=True)
class AcceptRequest:
    """What a person asked for."""

    run: Path
    suite: Path | None
    out: Path
    # journals and events go into a folder of it
    reviewer: str | None
    port: int
    opens: bool
    terminal: bool
    finish: bool
    confirm_classes: bool
    to_stderr: bool
    # what is said to people goes there


def accept(request: AcceptRequest) -> dict[str, Any] | None:
    """What was written; None where the person stopped before the end, with all decisions kept.

    Raises UsageError, ConfigurationError.
    """
    if request.confirm_classes:
        _confirm(request)
    source = open_source(request.run, request.suite, request.out)
    reviewer = reviewer_name(request.reviewer)
    session = Session(
        source=source,
        reviewer=reviewer,
        folder=request.out / f"accept-{_plain(source.run)}",
        found=_found_queue(request, source, reviewer),
    )
    _greet(session, request)
    if request.finish:
        return finish(session)
    if request.terminal:
        return _ask_in_terminal(session, request)
    return _serve(session, request)


def _ask_in_terminal(session: Session, request: AcceptRequest) -> dict[str, Any] | None:
    from dialgate.cases.accepting.label_source import labels_of  # noqa: PLC0415 - one of two ways
    from dialgate.cases.accepting.terminal_review import ask_all  # noqa: PLC0415 - one of two ways

    labels = labels_of(session.source, session.reviewer, request.out)
    if labels is not None and labels.waiting:
        say(f"Texts to label: {labels.waiting} (t).", to_stderr=request.to_stderr)
    try:
        if ask_all(session, labels):
            return finish(session)
    except (click.Abort, KeyboardInterrupt):
        say("", to_stderr=True)
    if labels is not None and labels.said:
        what = count_of(len(labels.said), "label")
        say(
            f"{what} kept in {show_path(session.source.workspace.folder / FOLDER)}.", to_stderr=True
        )
    _say_kept(session, request)
    return None


def _found_queue(request: AcceptRequest, source: ReviewSource, reviewer: str) -> FoundQueue | None:
    """The suite's found cases; None where there are none. Raises UsageError, ConfigurationError."""
    from dialgate.cases.accepting.found.queue import FoundQueue  # noqa: PLC0415 - not always there

    is_file = request.run.is_file()
    path = request.run if is_file else found_file(request.out, source.workspace.suite.name)
    if not path.is_file():
        return None
    queue = FoundQueue(
        workspace=source.workspace,
        release=source.release,
        path=path,
        reviewer=reviewer,
        folder=request.out / f"accept-found-{_plain(source.workspace.suite.name)}",
    )
    if is_file and not queue.items:
        raise UsageError(f"{show_path(path)} has no case that the suite doesn't have already.")
    if request.terminal and not source.items and queue.items:
        folder = show_path(source.workspace.folder)
        raise UsageError(
            "There are found cases and no trajectory to decide. In a terminal: dialgate cases take "
            f"{folder} {show_path(path)}"
        )
    return queue if queue.items else None


def _confirm(request: AcceptRequest) -> None:
    folder = find_suite_of(request.run, request.suite)
    names = confirm_classes(suite_folder(folder))
    if names:
        file = show_path(folder / "actions.toml")
        say(
            printable(f"{file}: {join_words(names)} are no guesses any more."),
            to_stderr=request.to_stderr,
        )


def _greet(session: Session, request: AcceptRequest) -> None:
    source = session.source
    decided = len(session.mine())
    what = f"{len(source.items)} trajectories of {source.workspace.suite.name}, run {source.run}"
    lines = [f"{what}; {decided} decided by {session.reviewer}."] if source.items else []
    lines += source.notes
    if session.found is not None:
        waiting = len(session.found.items) - len(session.found.mine())
        lines.append(f"{count_of(waiting, 'found case')} of {len(session.found.items)} to decide.")
        if request.terminal:
            folder, path = source.workspace.folder, session.found.path
            lines.append(
                f"In the terminal: dialgate cases take {show_path(folder)} {show_path(path)}"
            )
    left = len(source.left) + source.unlisted
    if left:
        first = source.left[0]
        lines.append(f"{left} can't be looked at. The first: {first.place}: {first.why}.")
    say("\n".join(map(printable, lines)), to_stderr=request.to_stderr)


def _serve(session: Session, request: AcceptRequest) -> dict[str, Any] | None:
    from dialgate.cases.accepting.label_source import labels_of  # noqa: PLC0415 - see above
    from dialgate.cases.accepting.page_server import (  # noqa: PLC0415 - see above
        PageServer,
        ServedPage,
    )
    from dialgate_reports.page.review_page import (  # noqa: PLC0415 - one of two ways
        label_policy,
        render_label_page,
        render_review_page,
        review_policy,
    )

    pages = {
        "": ServedPage(html=render_review_page(), policy=review_policy()),
        "texts": ServedPage(html=render_label_page(), policy=label_policy()),
    }
    labels = labels_of(session.source, session.reviewer, request.out)
    try:
        server = PageServer(session, pages, request.port, labels)
    except OSError as error:
        raise UsageError(
            f"Port {request.port} of 127.0.0.1 can't be used: {error.strerror}."
        ) from None
    with server:
        say(f"Review page: {server.address}", to_stderr=request.to_stderr)
        if labels is not None and labels.waiting:
            texts = f"Texts to label ({labels.waiting}): {server.address}texts"
            say(texts, to_stderr=request.to_stderr)
        say("It ends by its last button; Ctrl-C keeps what was decided.", to_stderr=True)
        if request.opens:
            import webbrowser  # noqa: PLC0415 - one use

            webbrowser.open(server.address)
        before = signal.signal(signal.SIGTERM, _interrupt)
        try:
            server.serve_forever(poll_interval=0.1)
        except KeyboardInterrupt:
            _say_kept(session, request)
            return None
        finally:
            signal.signal(signal.SIGTERM, before)
    return server.outcome


def _interrupt(*_: object) -> None:
    """To be told to end is to be interrupted: what was decided is kept and said."""
    raise KeyboardInterrupt


def _say_kept(session: Session, request: AcceptRequest) -> None:
    session.refresh()
    say(
        f"{len(session.mine())} decisions are kept and no case was written. Go on by the same\n"
        f"command, or write them: dialgate accept {show_path(request.run)} --finish",
        to_stderr=True,
    )


def reviewer_name(named: str | None) -> str:
    """Who decides: the name given, else git's, else the login. Raises UsageError."""
    name = (named if named is not None else _git_name() or _login()).strip()
    if not name or len(name) > _LONGEST_NAME or printable(name) != name:
        raise UsageError("Name the reviewer in one short printable line: --reviewer NAME.")
    return name


def _git_name() -> str:
    command = ["git", "config", "user.name"]
    try:
        found = subprocess.run(command, capture_output=True, check=False, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return ""
    return found.stdout.decode("utf-8", "replace").strip()


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def _plain(run: str) -> str:
    import re  # noqa: PLC0415 - one use

    return re.sub(r"[^A-Za-z0-9._-]+", "-", run)[:80] or "run"
