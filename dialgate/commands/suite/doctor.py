"""`dialgate doctor`: would a run work here, and how well is it sealed?"""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("suite", required=False, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def command(suite: Path | None, as_json: bool) -> int:
    """What stands around an agent on this machine, which extras are there; with SUITE also whether
    its agent starts, what a change is compared with, and whether its policy can pass a harmless
    release.

    Under each finding stands the command that mends it. Exit code 2 where something is to be
    mended, else 0.
    """
    import dataclasses

    from dialgate.changes.base_there import check_base
    from dialgate.changes.harmless_release import check_policy
    from dialgate.commands.options import DEFAULT_OUT
    from dialgate.scaffold.doctor.examination import examine
    from dialgate.scaffold.doctor.finding import State
    from dialgate.terminal.output import say, to_json
    from dialgate_evals.files.plain_text import printable
    from dialgate_evals.suite.workspace import suite_folder
    from dialgate_reports.words.case_text import wrap

    folder = None if suite is None else suite_folder(suite)
    found = list(examine(folder))
    if folder is not None:
        found += check_base(folder)
        found += check_policy(folder, DEFAULT_OUT)
    if as_json:
        say(to_json([dataclasses.asdict(finding) for finding in found]))
    else:
        for finding in found:
            head = f"{finding.state.value:<5} {finding.check:<7} "
            say(wrap(finding.text, 80, head, " " * len(head)))
            if finding.mend:
                # On one line, so that it can be copied.
                say(printable(f"{'':<14}{finding.mend}"))
    return 2 if any(finding.state is State.MEND for finding in found) else 0
