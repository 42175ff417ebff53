"""Keys of a person at a terminal, or lines of a script in their place; what is said to both."""

from __future__ import annotations

import sys

import click

from dialgate_evals.files.plain_text import printable


def read_key() -> str:
    """One key, small; where there is no terminal the first character of a line.

    Raises Abort at the end of the input, KeyboardInterrupt for Ctrl-C and Ctrl-D.
    """
    click.echo("> ", nl=False, err=True)
    if not sys.stdin.isatty():
        line = sys.stdin.readline()
        if not line:
            raise click.Abort
        return line.strip().lower()[:1]
    key = click.getchar()
    if key in {"\x03", "\x04"}:
        raise KeyboardInterrupt
    click.echo(printable(key), err=True)
    return key.lower()


def say_lines(text: str) -> None:
    """Says lines to a person, each of them printable."""
    click.echo("\n".join(printable(line) for line in text.split("\n")), err=True)
