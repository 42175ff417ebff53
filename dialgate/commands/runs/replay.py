"""`dialgate replay`: does the failure of a bundle come back?"""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("bundle", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option(
    "--budget",
    metavar="N",
    type=click.IntRange(min=1),
    default=24,
    show_default=True,
    help="Trials that it may take.",
)
@click.option("--json", "json_file", metavar="F", help="Write what was found; - prints it.")
def command(bundle: Path, budget: int, json_file: str | None) -> int:
    """Run the BUNDLE's case again, here, until it is clear whether its failure comes back.

    Its files are checked against their digests first, and laid out in a folder of their own; the
    agent runs behind the same walls as in a suite. Exit codes: 0 it did not come back; 1 it came
    back; 2 a bundle that is not as it was sealed; 3 not clear within the budget; 4 it can't run
    here.
    """
    from dialgate.runs.fuzzing.agent_line import said_when_interrupted
    from dialgate.runs.on_record.bundles.replaying import replay_bundle
    from dialgate.terminal.output import say, to_json, write_text
    from dialgate_reports.texts.findings.bundle_text import render_replay

    with said_when_interrupted("It is not known whether the failure comes back."):
        document = replay_bundle(bundle, budget)
    if json_file is not None:
        write_text(json_file, to_json(document))
    say(render_replay(document), to_stderr=json_file == "-")
    return {True: 1, False: 0, None: 3}[document["came_back"]]
