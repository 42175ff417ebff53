"""fakesnow's server, brought nearer to Snowflake where what is tested would meet the difference.

Run by the Python of the environment "fakesnow". Writes its port as its first line; ends with its
standard input. Refuses what Snowflake doesn't have and fakesnow would let through, and functions
that are not in `DOCUMENTED`.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
from functools import lru_cache

import duckdb
import fakesnow.cursor
import fakesnow.dialect
import fakesnow.server
import uvicorn
from fakesnow.cursor import FakeSnowflakeCursor
from snowflake.connector.errors import ProgrammingError
from sqlglot import exp
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

WITHOUT_HISTORY = "WITHOUT_HISTORY"
"""The end of names of tables that no query can see as they were."""


def of_kind(value: exp.Expression, *kinds: str) -> exp.Expression:
    kind = exp.Anonymous(this="json_type", expressions=[value.copy()])
    return exp.In(this=kind, expressions=[exp.Literal.string(item) for item in kinds])


def only(value: exp.Expression, kind: str, what: exp.Expression | None = None) -> exp.Expression:
    return exp.Case().when(of_kind(value, kind), what or value.copy())


def text_of(value: exp.Expression) -> exp.Expression:
    root = exp.Literal.string("$")
    return exp.Anonymous(this="json_extract_string", expressions=[value.copy(), root])


# Functions of semi-structured values that fakesnow doesn't have, in DuckDB's words.
OWN = {
    "IS_OBJECT": lambda value: of_kind(value, "OBJECT"),
    "IS_VARCHAR": lambda value: of_kind(value, "VARCHAR"),
    "AS_OBJECT": lambda value: only(value, "OBJECT"),
    "AS_VARCHAR": lambda value: only(value, "VARCHAR", text_of(value)),
    # No column here has a collation.
    "COLLATION": lambda _: exp.null(),
    "LAST_QUERY_ID": lambda *_: exp.Literal.string("01b2-query"),
}


def adapted(command: str) -> exp.Expression:
    """The statement as fakesnow is to run it. Raises ProgrammingError, as Snowflake would."""
    return parsed(command).copy()


@lru_cache(maxsize=2)
def parsed(command: str) -> exp.Expression:
    # The server asks for a statement and its cursor once more.
    return PARSE(command).transform(adapt)


PARSE = fakesnow.dialect.parse_one


def adapt(node: exp.Expression) -> exp.Expression:
    if isinstance(node, exp.Filter):
        raise ProgrammingError(msg="no FILTER", errno=1003, sqlstate="42000")
    if isinstance(node, exp.Table) and node.args.get("when"):
        if node.name.upper().endswith(WITHOUT_HISTORY):
            text = f"Time travel data is not available for table {node.name}."
            raise ProgrammingError(msg=text, errno=707, sqlstate="02000")
        # DuckDB's tables have no history, and the tests' tables don't change while they are read.
        node.set("when", None)
    if isinstance(node, exp.Func):
        name = node.name if isinstance(node, exp.Anonymous) else node.sql_name()
        own = OWN.get(name.upper())
        if own is not None:
            values = node.expressions or [value for value in node.args.values() if value]
            return own(*values)
    return node


async def log_in(request):
    """The answer that a client of version 5 asks for."""
    said = json.loads((await fakesnow.server.login_request(request)).body)
    token = said["data"]["token"]
    said["data"] |= {
        "masterToken": token, "validityInSeconds": 3600, "masterValidityInSeconds": 14400,
        "sessionId": 1, "displayUserName": "reader",
    }  # fmt: skip
    return JSONResponse(said)


async def take_telemetry(_):
    return JSONResponse({"success": True})


def execute(self, *arguments, **more):
    """What DuckDB refuses is refused, and no fault of the server that a client tries again."""
    try:
        return EXECUTE(self, *arguments, **more)
    except duckdb.Error as error:
        raise ProgrammingError(msg=str(error), errno=904, sqlstate="42000") from None


EXECUTE = FakeSnowflakeCursor.execute


def main() -> None:
    FakeSnowflakeCursor.execute = execute
    fakesnow.cursor.parse_one = fakesnow.server.parse_one = adapted
    own = [
        Route("/session/v1/login-request", log_in, methods=["POST"]),
        Route("/telemetry/send", take_telemetry, methods=["POST"]),
    ]
    app = Starlette(routes=[*own, *fakesnow.server.app.routes])
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        bound.listen()
        threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True).start()
        sys.stdout.write(f"{bound.getsockname()[1]}\n")
        sys.stdout.flush()
        sys.stdin.read()


main()
