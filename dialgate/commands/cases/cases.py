"""`dialgate cases`: written by hand, imported, taken, shown as conversations, derived."""

from __future__ import annotations

import click

from dialgate.commands.cases import derive, import_, new, show, take


@click.group(name="cases")
def command() -> None:
    """Write, import, take, show and derive cases."""


command.add_command(new.command)
command.add_command(show.command)
command.add_command(derive.command)
command.add_command(import_.command)
command.add_command(take.command)
