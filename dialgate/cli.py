"""The `dialgate` command: finds a command by name, loads only that one, and alone exits.

Knows names, one-line helps and exit codes; leaves what a command does to `dialgate.commands`.
"""

from __future__ import annotations

import errno
import os
import sys
from importlib import import_module

import click

from dialgate.terminal.closed_pipes import outlive_readers

# name: (module, one line); the module is imported when its command is asked for.
COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("dialgate.commands.suite.init", "Scaffold a workspace that runs as it is."),
    "doctor": (
        "dialgate.commands.suite.doctor",
        "Would a run work here, and is it sealed?",
    ),
    "lint": ("dialgate.commands.suite.lint", "Report every problem of a workspace at once."),
    "owners": (
        "dialgate.commands.suite.owners",
        "Who holds which role, answers for each class and is on call.",
    ),
    "run": ("dialgate.commands.runs.run", "Run a release on a suite and write a run record."),
    "merge": ("dialgate.commands.runs.merge", "Merge the shards of a run into one record."),
    "check": (
        "dialgate.commands.gate.check",
        "Is this release worse than the baseline? The main job.",
    ),
    "changes": ("dialgate.commands.gate.changes", "What differs from the baseline; runs nothing."),
    "baseline": (
        "dialgate.commands.gate.baseline",
        "Show or set what candidates are compared with.",
    ),
    "bundle": (
        "dialgate.commands.runs.bundle",
        "A failing trial in a folder that runs again without its suite.",
    ),
    "replay": ("dialgate.commands.runs.replay", "Does the failure of a bundle come back?"),
    "history": (
        "dialgate.commands.runs.history",
        "How often each case passed, and which cases flip.",
    ),
    "evidence": (
        "dialgate.commands.dial.evidence",
        "What production showed about each action class.",
    ),
    "dial": (
        "dialgate.commands.dial.dial",
        "Each class's oversight mode: show, recommend, watch, set.",
    ),
    "fleet": (
        "dialgate.commands.dial.fleet",
        "Every suite by risk, and what needs a decision today.",
    ),
    "rollout": (
        "dialgate.commands.dial.rollout",
        "Promote, wait or roll back: two releases side by side in production.",
    ),
    "drill": (
        "dialgate.commands.dial.drill",
        "Is the agent stopped, is the old release there, are actions taken back?",
    ),
    "pack": (
        "dialgate.commands.dial.pack",
        "An evidence folder and page that an auditor can verify offline.",
    ),
    "record": (
        "dialgate.commands.cases.record",
        "Make cases of what an agent asks and gets: a proxy in between.",
    ),
    "accept": (
        "dialgate.commands.cases.accept",
        "Decide on recorded trajectories: they become cases.",
    ),
    "judge": (
        "dialgate.commands.judge.judge",
        "What a judge of replies and texts may decide, and what it lacks.",
    ),
    "cases": ("dialgate.commands.cases.cases", "Write, import, show and derive cases."),
    "verify": (
        "dialgate.commands.gate.verify",
        "Does a signed verdict hold, is a pack whole?",
    ),
    "plan": (
        "dialgate.commands.gate.plan",
        "What this policy can see on this suite, and its price.",
    ),
    "blame": (
        "dialgate.commands.gate.blame",
        "Which change broke it: the smallest set that does.",
    ),
    "bisect": ("dialgate.commands.gate.bisect", "Which commit broke it."),
    "fuzz": (
        "dialgate.commands.suite.fuzz",
        "Find variants of the cases that the agent fails.",
    ),
    "mutate": (
        "dialgate.commands.gate.mutate",
        "Which mistakes of an agent this suite wouldn't notice.",
    ),
    "watch": ("dialgate.commands.runs.watch", "Run the affected cases whenever a file is saved."),
    "diff": ("dialgate.commands.runs.diff", "Compare two run records."),
    "report": ("dialgate.commands.runs.report", "Render a run record or a verdict again."),
    "github": ("dialgate.commands.gate.github", "What the GitHub Action runs beside check."),
    "tools": (
        "dialgate.commands.tools.tools",
        "The tool registry: what a change breaks; import from an MCP server.",
    ),
    "schema": ("dialgate.commands.suite.schema", "Print the JSON Schema of a kind of file."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command in the order of the table, which is the order of first use."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, loaded now; None where there is none."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(COMMANDS[cmd_name][0]).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with a hint where the name is close to a command's."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from dialgate_evals.files.suggest import suggest_word  # noqa: PLC0415 - only errors need it

            hint = suggest_word(args[0], COMMANDS)
            message = f"There is no command {args[0]!r}. {hint}".rstrip()
            raise click.UsageError(message, ctx=error.ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table of commands, without importing any of them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda ctx, _, wanted: _show_version(ctx) if wanted else None,
    help="Show the version and exit.",
)
def group() -> None:
    """An evaluation-gated release harness for agents that take actions.

    `check` says whether a release is worse than the one in production, for any action class.
    Exit codes: 0 pass, 1 fail, 2 usage or configuration error, 3 inconclusive, 4 invalid
    evidence, 130 interrupted.
    """


def _show_version(context: click.Context) -> None:
    from dialgate_evals.suite.versions import installed_versions  # noqa: PLC0415 - one use

    click.echo(f"dialgate {installed_versions()['dialgate']}")
    context.exit()


_LIGHT = frozenset({"init", "schema", "baseline", "github", "record", "accept"})
"""Commands that need no outer process: they judge nothing, and end in seconds or when told to."""


def main(arguments: list[str] | None = None) -> None:
    """Runs the command line and exits with the contract's code.

    What judges or can take long has an outer process, which is the only one to exit 0 for it.
    """
    outlive_readers()
    words = sys.argv[1:] if arguments is None else arguments
    name = words[0] if words else ""
    asks_for_help = not {"-h", "--help"}.isdisjoint(words)
    if name not in COMMANDS or name in _LIGHT or asks_for_help:
        sys.exit(run(arguments))
    from dialgate.terminal.outer_process import run_supervised  # noqa: PLC0415 - help is instant

    sys.exit(run_supervised(lambda: run(arguments), needs_verdict=name == "check"))


def run(arguments: list[str] | None = None) -> int:
    """Runs the command line; the exit code comes back. An unexpected exception is never 0."""
    from dialgate_evals.running.garbage import collecting_rarely  # noqa: PLC0415 - imports nothing heavy

    try:
        with collecting_rarely():  # suites and records are many small lasting objects
            code = group.main(args=arguments, prog_name="dialgate", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        click.echo(_INTERRUPTED, err=True)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 4
    except Exception as error:  # noqa: BLE001 - a defect of ours must not pass for a verdict
        if _is_interruption(error):
            click.echo(_INTERRUPTED, err=True)
            return 130
        return _report(error)
    return code if isinstance(code, int) else 0


_INTERRUPTED = "Interrupted. What was finished is on record; --resume goes on."


def _is_interruption(error: Exception) -> bool:
    """Whether a query was ended by Ctrl-C: the database takes the signal, and raises its own."""
    return "Query interrupted" in str(error) or type(error).__name__ == "InterruptException"


def _report(error: Exception) -> int:
    from dialgate_evals.errors import DialgateError  # noqa: PLC0415 - only errors need it
    from dialgate_evals.files.plain_text import printable  # noqa: PLC0415 - loaded when it is needed

    if isinstance(error, DialgateError):
        for line in str(error).splitlines():
            click.echo(printable(line), err=True)
        problems = getattr(error, "problems", ())
        if len(problems) > 1:
            click.echo(f"{len(problems)} problems.", err=True)
        return error.exit_code
    if os.environ.get("DIALGATE_DEBUG"):
        import traceback  # noqa: PLC0415 - only where something broke

        traceback.print_exception(error)
    summary = printable(f"{type(error).__name__}: {error}")[:500]
    limit = _limit_reached(error)
    if limit is not None:
        click.echo(f"{limit} ({summary}). Nothing was judged.", err=True)
        return 4
    click.echo(
        f"dialgate itself broke: {summary}. Nothing was judged. "
        "Set DIALGATE_DEBUG=1 to see where, and please report it.",
        err=True,
    )
    return 4


_LIMITS = {
    errno.ENOSPC: "The disk is full",
    errno.EDQUOT: "The disk quota is used up",
    errno.EFBIG: "The limit on the size of a file is reached (ulimit -f)",
    errno.EMFILE: "Too many files are open: raise ulimit -n or lower suite.toml's concurrency",
    errno.ENFILE: "Too many files are open on this machine",
    errno.EAGAIN: "No more threads or processes can be started: their number (ulimit -u) or their "
    "memory (ulimit -v) is limited",
    errno.ENOMEM: "Out of memory",
    errno.EROFS: "A file system is read only: --out names a folder that can be written",
    errno.EACCES: "A file can't be read or written by this user: --out names another folder",
}


def _limit_reached(error: BaseException | None) -> str | None:
    """Which limit of the machine is behind the error; None where none is."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        # What a group holds may have been raised in handling the group itself.
        seen.add(id(error))
        if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryException":
            return "Out of memory"
        if isinstance(error, RuntimeError) and "can't start new thread" in str(error):
            return _LIMITS[errno.EAGAIN]
        if isinstance(error, OSError) and error.errno in _LIMITS:
            return _LIMITS[error.errno]
        inner = error.exceptions[0] if isinstance(error, BaseExceptionGroup) else None
        error = inner or error.__cause__ or error.__context__
    return None
