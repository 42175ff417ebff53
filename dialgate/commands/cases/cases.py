"""`dialgate cases`: written by hand, imported, shown as conversations, derived from events."""

from __future__ import annotations

import click

from dialgate.commands.cases import derive, import_, new, show


@click.group(name="cases")
def command() -> None:
    """Write, import, show and derive cases."""


command.add_command(new.command)
command.add_command(show.command)
command.add_command(derive.command)
command.add_command(import_.command)
