"""`dialgate schema`: the JSON Schemas of the files that people write, for editors and tools."""

from __future__ import annotations

import click


@click.command()
@click.argument("name", required=False)
def command(name: str | None) -> None:
    """Print the JSON Schema of a kind of file; without NAME, list the kinds."""
    import json

    from dialgate_evals.files.schema_validation import file_schema, schema_names
    from dialgate_evals.files.suggest import suggest_word

    if name is None:
        for known in schema_names():
            click.echo(f"{known:<12}{file_schema(known)['title']}")
        return
    if name not in schema_names():
        known = ", ".join(schema_names())
        hint = suggest_word(name, schema_names())
        raise click.UsageError(f"There is no schema {name!r}; there are {known}. {hint}".rstrip())
    click.echo(json.dumps(file_schema(name), indent=2, ensure_ascii=False))
