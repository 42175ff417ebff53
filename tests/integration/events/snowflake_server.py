"""What stands in for Snowflake: fakesnow on loopback, in an environment of its own.

`make warehouses` makes the environment; DIALGATE_WAREHOUSES names the folder of it and others.
"""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.command_line import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_JSON = {"variant", "object"}
PASSWORD = "s3cret@x"
URL = "snowflake:///?connection_name=stand_in"

_ENVIRONMENTS = Path(
    os.environ.get("DIALGATE_WAREHOUSES", PROJECT / ".venv" / "warehouses")
).resolve()
SERVERS = PROJECT / "tests/integration/events/warehouses"


def environment_python(name: str) -> Path:
    """That environment's Python; skips with the reason where it is absent, and fails in CI."""
    found = _ENVIRONMENTS / name / "bin" / "python"
    if not found.exists():
        reason = f"no environment {name} (make warehouses)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@contextmanager
def snowflake_server(folder: Path) -> Iterator[dict[str, str]]:
    """A running server; what the environment of a process has to say for `URL` to reach it."""
    command = [str(environment_python("fakesnow")), "-I", str(SERVERS / "fakesnow_server.py")]
    with (
        (folder / "server.log").open("w") as log,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        ) as server,
    ):
        try:
            assert server.stdout
            port = server.stdout.readline().strip()
            assert port, (folder / "server.log").read_text()
            file = folder / "connections.toml"
            file.write_text(
                '[stand_in]\naccount = "stand-in"\nuser = "reader"\n'
                f'password = "{PASSWORD}"\nhost = "127.0.0.1"\nport = {port}\nprotocol = "http"\n'
                'database = "live"\nschema = "public"\n'
            )
            file.chmod(0o600)
            yield {
                "SNOWFLAKE_HOME": str(folder),
                # The driver would ask beyond this machine which cloud it runs in.
                "SNOWFLAKE_DISABLE_PLATFORM_DETECTION": "true",
                "NO_PROXY": "127.0.0.1",
            }
        finally:
            server.terminate()


def fill(table: str, kinds: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> str:
    """The rows, texts all of them, in a new table with columns of these types; its URL."""
    from dialgate_evals.events.tables.snowflake_rows import quoted

    names = [f"{name} {kind}" for name, kind in kinds.items()]
    casts = [
        f"PARSE_JSON(given.c{index})"
        if kind in {"variant", "object"}
        else f"given.c{index}::{kind}"
        for index, kind in enumerate(kinds.values())
    ]
    listed = [
        "(" + ", ".join("NULL" if cell is None else quoted(str(cell)) for cell in row) + ")"
        for row in rows
    ]
    columns = ", ".join(f"c{index}" for index in range(len(kinds)))
    statements = [f"CREATE OR REPLACE TABLE {table} ({', '.join(names)})"]
    if rows:
        values = f"(VALUES {', '.join(listed)}) AS given ({columns})"
        statements.append(f"INSERT INTO {table} SELECT {', '.join(casts)} FROM {values}")
    run(*statements)
    return f"{URL}#{table}"


def run(*statements: str) -> None:
    """Statements that write, as whoever loads events sends them."""
    import sqlalchemy

    engine = sqlalchemy.create_engine(URL)
    try:
        with engine.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
            connection.commit()
    finally:
        engine.dispose()
