"""`dialgate cases`: written by hand, shown as conversations, derived from review events."""

from __future__ import annotations

import click

from dialgate.commands.cases import derive, new, show


@click.group(name="cases")
def command() -> None:
    """Write, show and derive cases."""


command.add_command(new.command)
command.add_command(show.command)
command.add_command(derive.command)
