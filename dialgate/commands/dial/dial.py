"""`dialgate dial`: the oversight mode of each class. People promote; this keeps the books."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dialgate.commands.dial import dial_lease, dial_metrics, dial_recommend, dial_watch
from dialgate.commands.options import suite_argument

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group(name="dial")
def command() -> None:
    """Show, recommend, watch, move and verify the oversight mode of each action class."""


@command.command(name="show")
@suite_argument
@click.option("--json", "json_file", metavar="F", help="Write the dial as JSON; - prints it.")
@click.option("--opa", "opa_file", metavar="F", help="Write it as OPA data; - prints it.")
@click.option("--cedar", "cedar_file", metavar="F", help="Write it as Cedar policies; - prints it.")
def show(suite: Path, json_file: str | None, opa_file: str | None, cedar_file: str | None) -> int:
    """The mode of each action class of SUITE, since when and by whom.

    The JSON holds what a runtime needs: classes in their order, tools, conditions and modes; the
    data document for the Open Policy Agent and the Cedar policies hold the same by tool. Each
    carries the leases as they are verified now, with their ends. Exit codes: 0; 2 for a
    configuration error; 4 where dial.toml and its ledger disagree.
    """
    from dialgate.dial.dial_files import read_state
    from dialgate.dial.dial_lookup import Dial
    from dialgate.terminal.output import say, to_json, write_text
    from dialgate_evals.suite.workspace import suite_folder
    from dialgate_reports.graduation.dial_text import render_dial

    folder = suite_folder(suite)
    dial = Dial.load(folder)
    state = read_state(folder)
    if json_file is not None:
        write_text(json_file, to_json(dial.as_json()))
    if opa_file is not None:
        write_text(opa_file, to_json(dial.as_opa()))
    if cedar_file is not None:
        write_text(cedar_file, dial.as_cedar())
    say(
        render_dial(dial.actions, state.settings, dial.standings(), warning=dial.lease_warning()),
        to_stderr="-" in {json_file, opa_file, cedar_file},
    )
    return 0


@command.command(name="set")
@suite_argument
@click.argument("action_class", metavar="CLASS")
@click.argument("mode")
@click.option("--by", required=True, metavar="NAME", help="Who decides; stays in the ledger.")
@click.option(
    "--evidence",
    metavar="FILE",
    help="A verdict or recommendation whose graduation list supports the promotion.",
)
@click.option(
    "--attestation",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="A signed verdict on this release; verified with the policy's keys.",
)
@click.option("--override", metavar="REASON", help="Promote against it; the reason stays.")
@click.option("--key", type=_FILE, metavar="FILE", help="Sign with this Ed25519 key.")
@click.option(
    "--propose", type=_FILE, metavar="FILE", help="Write the move to be signed; move nothing."
)
@click.option("--move", "written", type=_FILE, metavar="FILE", help="A move that was written so.")
@click.option(
    "--signature",
    "signatures",
    type=_FILE,
    multiple=True,
    metavar="FILE",
    help="A signature of it by ssh-keygen -Y sign; repeatable.",
)
def set_mode(
    suite: Path,
    action_class: str,
    mode: str,
    by: str,
    evidence: str | None,
    attestation: Path | None,
    override: str | None,
    key: Path | None,
    propose: Path | None,
    written: Path | None,
    signatures: tuple[Path, ...],
) -> int:
    """Move CLASS of SUITE to MODE: writes dial.toml and a line of its ledger.

    With the mode that the class has, one that another release earned is confirmed on this one, as
    a promotion would be. A promotion needs evidence that recommends exactly it, and a signed
    verdict where the policy asks for one, or --override REASON; a demotion needs none of them.
    Where the base's owners.toml holds keys, --by alone moves nothing: the move is signed. Exit
    codes: 0 moved; 1 not supported; 2 usage or configuration error; 4 dial.toml and ledger were
    tampered with, or the evidence or signed verdict doesn't hold.
    """
    from dialgate.dial.dialing import DialRequest, set_dial
    from dialgate.dial.move_signing import SigningRequest
    from dialgate.terminal.output import say
    from dialgate_evals.suite.workspace import suite_folder

    outcome = set_dial(
        DialRequest(
            folder=suite_folder(suite),
            action_class=action_class,
            mode=mode,
            by=by,
            evidence=evidence,
            attestation=attestation,
            override=override,
            signing=SigningRequest(key=key, propose=propose, move=written, signatures=signatures),
        )
    )
    for line in outcome.lines:
        say(line, to_stderr=not (outcome.moved or outcome.proposed))
    return 0 if outcome.moved or outcome.proposed else 1


@command.command(name="verify")
@suite_argument
def verify(suite: Path) -> int:
    """Whether the ledger's chain holds, goes on from what was committed, and is dial.toml's.

    Signatures in it are verified with the keys of the base's owners.toml.

    Exit codes: 0; 2 for a configuration error; 4 where a line or the dial was tampered with, or
    both were rolled back.
    """
    from dialgate.dial.dial_files import read_state, refuse_rolled_back, repair
    from dialgate.dial.move_signing import refuse_unsigned
    from dialgate.terminal.output import say
    from dialgate_evals.errors import EvidenceError
    from dialgate_evals.files.problems import Problem, show_path
    from dialgate_evals.suite.workspace import suite_folder

    folder = suite_folder(suite)
    state = read_state(folder)
    refuse_rolled_back(folder, state)
    if state.without_ledger:
        problem: Any = Problem(
            file=show_path(folder / "ledger.jsonl"),
            found="no ledger beside a dial.toml with modes",
            expected="a line for each of them",
            advice="Restore it from version control; the next `dialgate dial set` begins one.",
        )
        raise EvidenceError([problem])
    refuse_unsigned(folder, state)
    if state.behind and repair(folder):
        say("dial.toml lacked the ledger's last entry, as after a kill; it was written anew.")
    count = len(state.entries)
    say(f"{count} {'entry' if count == 1 else 'entries'}, the chain holds.")
    return 0


command.add_command(dial_lease.command)
command.add_command(dial_recommend.command)
command.add_command(dial_watch.command)
command.add_command(dial_metrics.metrics)
command.add_command(dial_metrics.alerts)
