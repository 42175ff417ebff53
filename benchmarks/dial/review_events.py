"""How long each command takes that reads review events, for 10 million of them in Parquet.

`evidence`, `dial recommend` and `dial watch`, that with a state too, and the next day's look at
10,000 new events; beside DuckDB's bare queries, and beside pandas for a million. Run `python
benchmarks/dial/review_events.py`; `--events N` for another number, `--pandas N` for as many rows in
pandas, 0 for none. `--postgresql` measures the same on a table of a PostgreSQL server that is begun
on loopback (Debian: postgresql), by the clock, as most is done by the server. Needs about 2 GB of
disk for each 10 million events, and 12 GB with PostgreSQL, in a temporary folder.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb
import psycopg

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT)]

from tests.integration.events.postgres_server import postgres_server

SUITE = """schema = 1
name = "bench"
cases = ["cases.jsonl"]
[agent]
kind = "transcript"
path = "transcripts.jsonl"
"""
RELEASE = """schema = 1
name = "bench-agent"
version = "r3"
prompts = []
tools = ["tools.json"]
[model]
provider = "none"
name = "none-2026-01-01"
"""
POLICY = """schema = 1
[gate]
alpha = 0.05
[gate.default]
margin = 0.1
[demote]
# The events hold 8.5 %, and several a task: no class falls, so that every task is watched.
intervention_rate = 0.2
alpha = 0.01
"""
SIGNALS = """
[watch.escalation_rate]
false_alarm = 0.01
[watch.cost_usd]
false_alarm = 0.01
[watch.latency_p95_ms]
false_alarm = 0.01
[watch.retry_loops]
false_alarm = 0.01
"""
"""Of the policy, beside interventions: every task is looked at one by one."""
COLUMNS = {
    "event_id": "text PRIMARY KEY", "occurred_at": "timestamptz", "task_id": "text",
    "release": "text", "mode": "text", "decision": "text", "proposed": "jsonb",
    "corrected": "jsonb", "reviewer": "text", "reason": "text", "latency_ms": "double precision",
    "cost_usd": "double precision", "review_s": "double precision",
}  # fmt: skip
"""Of the table in PostgreSQL, with an index on the times beside the key."""
TOOLS = [f"tool_{index:02d}" for index in range(11)]
CONDITIONAL = "tool_00"  # two classes by its amount

EVENTS = """
COPY (
  SELECT 'ev-' || i AS event_id,
    TIMESTAMPTZ '2026-08-01 00:00:00+00' + INTERVAL (i * 90 * 86400 / {rows}) SECOND AS occurred_at,
    'task-' || (i // 2) AS task_id,
    'r' || (1 + least(2, i * 3 // {rows})) AS release,
    mode,
    CASE mode
      WHEN 'in_the_loop' THEN CASE WHEN u < 0.9 THEN 'approved' WHEN u < 0.95 THEN 'edited'
        WHEN u < 0.98 THEN 'rejected' WHEN u < 0.985 THEN 'taken_over' ELSE 'escalated' END
      WHEN 'shadow' THEN CASE WHEN u < 0.92 THEN 'agreed' ELSE 'differed' END
      ELSE CASE WHEN u < 0.98 THEN 'auto' WHEN u < 0.99 THEN 'overridden' ELSE 'escalated' END
    END AS decision,
    '{{"name": "tool_' || lpad(CAST(tool AS VARCHAR), 2, '0') || '", "arguments": {{"id": "u' ||
      (hash(i) % 1000000) || '", "amount": ' || (hash(i + 7) % 400) || ', "note": "as agreed"}}}}'
      AS proposed,
    CASE WHEN mode = 'in_the_loop' AND u >= 0.9 AND u < 0.95
      THEN '{{"name": "tool_' || lpad(CAST(tool AS VARCHAR), 2, '0') ||
        '", "arguments": {{"id": "u1"}}}}' END AS corrected,
    CASE WHEN mode IN ('shadow', 'in_the_loop')
      THEN 'reviewer-' || CASE WHEN i % 50 = 0 THEN hash(i) % 20 ELSE hash(i // 2) % 20 END
      END AS reviewer,
    CAST(NULL AS VARCHAR) AS reason,
    200 + 3000 * ((hash(i + 3) % 10007) / 10007.0) ** 3 AS latency_ms,
    0.002 + 0.03 * ((hash(i + 4) % 10007) / 10007.0) ** 2 AS cost_usd,
    CASE WHEN mode IN ('shadow', 'in_the_loop') THEN 5 + (hash(i + 5) % 600) / 10.0 END AS review_s
  FROM (
    SELECT i, (hash(i + 1) % 100003) / 100003.0 AS u, hash(i + 2) % 11 AS tool,
      CASE WHEN hash(i // 2 + 9) % 10 < 6 THEN 'in_the_loop' WHEN hash(i // 2 + 9) % 10 < 8
        THEN 'on_the_loop' ELSE 'shadow' END AS mode
    FROM range({first}, {last}) AS numbers(i)
  )
) TO '{path}' (FORMAT {kind})
"""


def write_workspace(folder: Path) -> None:
    """A suite of twelve classes, one of which has a condition."""
    classes = ["schema = 1\n"]
    for name, tool, when in (
        ("large", CONDITIONAL, "when = { properties = { amount = { exclusiveMinimum = 200 } } }\n"),
        *((tool.replace("tool", "class"), tool, "") for tool in TOOLS),
    ):
        classes.append(
            f'[class."{name}"]\ntools = ["{tool}"]\n{when}effect = "write"\n'
            'blast_radius = "low"\nreversible = true\n'
        )
    (folder / "actions.toml").write_text("".join(classes))
    (folder / "suite.toml").write_text(SUITE)
    (folder / "release.toml").write_text(RELEASE)
    (folder / "policy.toml").write_text(POLICY)
    schema = {"type": "object", "properties": {"id": {"type": "string"}}}
    tools = [{"name": tool, "parameters": schema} for tool in TOOLS]
    (folder / "tools.json").write_text(json.dumps(tools))
    call = {"name": TOOLS[1], "arguments": {"id": "u1"}}
    case = {"schema": 1, "id": "c1", "origin": "golden", "expect": {"actions": [call]}}
    case["messages"] = [{"role": "user", "content": "Please."}]
    (folder / "cases.jsonl").write_text(json.dumps(case) + "\n")
    (folder / "transcripts.jsonl").write_text("")


PANDAS = """
import json, sys
import duckdb
import pandas as pd
frame = duckdb.execute(
    "SELECT * REPLACE (epoch_us(occurred_at) AS occurred_at) FROM read_parquet(?)", [sys.argv[1]]
).df()
frame["occurred_at"] = pd.to_datetime(frame["occurred_at"], unit="us", utc=True)
calls = frame.pop("proposed").map(json.loads)
frame["tool"] = calls.map(lambda call: call["name"])
amount = calls.map(lambda call: call["arguments"].get("amount", 0))
frame["class"] = frame["tool"].where((frame["tool"] != "tool_00") | (amount <= 200), "large")
assert not frame["event_id"].duplicated().any()
keys = ["class", "release", "mode"]
frame["day"] = frame["occurred_at"].dt.floor("D")
counts = frame.groupby([*keys, "day", "decision"]).size()
latency = frame.groupby(keys)["latency_ms"].quantile([0.5, 0.95])
cost = frame.groupby([*keys, "task_id"])["cost_usd"].sum().groupby(keys).quantile([0.5, 0.99])
loops = (frame.groupby(["task_id", "tool"]).size() > 3).sum()
pace = frame.groupby("reviewer")["review_s"].median()
print(len(counts), len(latency), len(cost), loops, len(pace))
"""
BARE = """
import sys
import duckdb
connection = duckdb.connect()
connection.execute('''
CREATE TEMP TABLE events AS
SELECT event_id, release, mode, decision, task_id, reviewer, latency_ms, cost_usd, review_s,
  date_trunc('day', occurred_at) AS day, tool,
  CASE WHEN tool = 'tool_00' AND amount > 200 THEN 'large' ELSE tool END AS class
FROM (
  SELECT *, json_extract_string(proposed, '$.name') AS tool,
    coalesce(CAST(json_extract(proposed, '$.arguments.amount') AS DOUBLE), 0) AS amount
  FROM read_parquet(?)
)''', [sys.argv[1]])
def rows(query):
    return len(connection.execute(query).fetchall())
assert not rows("SELECT event_id FROM events GROUP BY event_id HAVING count(*) > 1")
keys = "class, release, mode"
tasks = f"SELECT {keys}, sum(cost_usd) AS cost FROM events GROUP BY {keys}, task_id"
print(
    rows(f"SELECT count(*) FROM events GROUP BY {keys}, day, decision"),
    rows(f"SELECT quantile_cont(latency_ms, [0.5, 0.95]) FROM events GROUP BY {keys}"),
    rows(f"SELECT quantile_cont(cost, [0.5, 0.99]) FROM ({tasks}) GROUP BY {keys}"),
    rows("SELECT 1 FROM events GROUP BY task_id, tool HAVING count(*) > 3"),
    rows("SELECT median(review_s) FROM events GROUP BY reviewer"),
)
"""
"""What pandas does above, as queries that trust their rows."""


DAILY = 10_000
"""Events of the day after."""


@dataclass(frozen=True)
class Cost:
    """What a command took."""

    seconds: float
    cpu: float
    # seconds of processor, of all cores together
    gigabytes: float
    # peak resident memory

    def __str__(self) -> str:
        return f"{self.seconds:.1f} s ({self.cpu:.1f} s of processor), {self.gigabytes:.2f} GB"


LAUNCH = """
import json, os, sys
out = int(sys.argv[1])
os.set_inheritable(out, False)
child = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, used = os.wait4(child, 0)
told = [os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, used.ru_maxrss]
os.write(out, json.dumps(told).encode())
"""
"""A small process starts the command: the system counts the starter's memory as the command's."""


def measure(command: list[str], folder: Path) -> Cost:
    """Runs the command to its end; it must be 0."""
    told, tells = os.pipe()
    begun = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", LAUNCH, str(tells), *command],
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "NO_COLOR": "1"},
        pass_fds=[tells],
    ) as process:
        os.close(tells)
        assert process.stdout is not None
        printed = process.stdout.read()
    seconds = time.perf_counter() - begun
    with os.fdopen(told, encoding="utf-8") as report:
        code, cpu, kilobytes = json.load(report)
    if code:
        raise SystemExit(f"{command[:4]} ended with {code}: {printed}")
    return Cost(seconds=seconds, cpu=cpu, gigabytes=kilobytes / 2**20)


def dialgate(folder: Path, *arguments: str) -> Cost:
    """One command on the workspace."""
    return measure([sys.executable, "-m", "dialgate", *arguments], folder)


def write_events(path: Path, rows: int, first: int, last: int) -> None:
    """The events from one number to another of a feed of so many, as the file's ending says."""
    kind = "csv, HEADER false" if path.suffix == ".csv" else "parquet"
    duckdb.execute(EVENTS.format(rows=rows, path=path, first=first, last=last, kind=kind))


def measure_commands(folder: Path, rows: int) -> None:
    """Prints a line for each command, and what it took beside `evidence`."""
    events = folder / f"events-{rows}"
    events.mkdir()
    write_events(events / "day-1.parquet", rows, 0, rows)
    size = (events / "day-1.parquet").stat().st_size / 2**20
    evidence = dialgate(folder, "evidence", ".", events.name, "--json", "e.json")
    groups = len(json.loads((folder / "e.json").read_text())["classes"])
    print(f"evidence: {rows:,} events ({size:,.0f} MB) to {groups} groups in {evidence}")
    bare = measure([sys.executable, "-c", BARE, f"{events.name}/day-1.parquet"], folder)
    times = f"evidence takes {evidence.seconds / bare.seconds:.2f} times that"
    print(f"bare DuckDB: {bare}; {times}, {evidence.cpu / bare.cpu:.2f} times its processor")
    watch = ("dial", "watch", ".", events.name)
    for name, command in (
        ("dial recommend", ("dial", "recommend", ".", events.name, "--json", "r.json")),
        ("dial watch --no-state", (*watch, "--no-state")),
        ("dial watch, the first look", watch),
    ):
        cost = dialgate(folder, *command)
        times = f"{cost.seconds / evidence.seconds:.2f} times evidence"
        print(f"{name}: {cost}; {times}, {cost.cpu / evidence.cpu:.2f} times its processor")
    state = sum(path.stat().st_size for path in (folder / ".dialgate").rglob("*"))
    print(f"the state: {state / 2**20:,.0f} MB, {state / rows:.1f} bytes an event")
    write_events(events / "day-2.parquet", rows, rows, rows + DAILY)
    daily = dialgate(folder, *watch)
    print(f"dial watch, the next day's look at {DAILY:,} new events: {daily}")
    (folder / "policy.toml").write_text(POLICY + SIGNALS)
    signals = dialgate(folder, *watch, "--no-state")
    (folder / "policy.toml").write_text(POLICY)
    times = f"{signals.seconds / evidence.seconds:.2f} times evidence"
    print(f"dial watch --no-state, with [watch] of four signals: {signals}; {times}")
    shutil.rmtree(events)
    shutil.rmtree(folder / ".dialgate")


def copy_events(url: str, folder: Path, rows: int, first: int, last: int) -> None:
    """Puts the events from one number to another into the table."""
    path = folder / "events.csv"
    write_events(path, rows, first, last)
    with psycopg.connect(url, autocommit=True) as connection:
        copying = connection.cursor().copy("COPY review_events FROM STDIN (FORMAT csv)")
        with copying as copy, path.open("rb") as file:
            while chunk := file.read(1 << 20):
                copy.write(chunk)
        connection.execute("VACUUM ANALYZE review_events")
    path.unlink()


def measure_postgresql(folder: Path, rows: int) -> None:
    """Prints a line for each command on a table, and what it took beside `evidence`."""
    with postgres_server() as server:
        columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"CREATE TABLE review_events ({columns})")
            connection.execute("CREATE INDEX ON review_events (occurred_at)")
        copy_events(server, folder, rows, 0, rows)
        url = f"{server}#review_events"
        evidence = dialgate(folder, "evidence", ".", "--events", url, "--json", "e.json")
        print(f"PostgreSQL, evidence: {rows:,} events in {evidence}", flush=True)
        watch = ("dial", "watch", ".", url)
        for name, command in (
            ("dial recommend", ("dial", "recommend", ".", url, "--json", "r.json")),
            ("dial watch --no-state", (*watch, "--no-state")),
            ("dial watch, the first look", watch),
        ):
            cost = dialgate(folder, *command)
            times = f"{cost.seconds / evidence.seconds:.2f} times evidence"
            print(f"PostgreSQL, {name}: {cost}; {times}", flush=True)
        copy_events(server, folder, rows, rows, rows + DAILY)
        daily = dialgate(folder, *watch)
        print(f"PostgreSQL, the next day's look at {DAILY:,} new events: {daily}", flush=True)
    shutil.rmtree(folder / ".dialgate")


def main() -> None:
    """Prints a line for each way."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--events", type=int, default=10_000_000)
    options.add_argument("--pandas", type=int, default=1_000_000)
    options.add_argument("--postgresql", action="store_true")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="dialgate-bench-") as name:
        folder = Path(name)
        write_workspace(folder)
        print(f"{os.cpu_count()} cores")
        if asked.postgresql:
            measure_postgresql(folder, asked.events)
            return
        measure_commands(folder, asked.events)
        if asked.pandas:
            path = folder / f"events-{asked.pandas}.parquet"
            write_events(path, asked.pandas, 0, asked.pandas)
            cost = dialgate(folder, "evidence", ".", path.name)
            print(f"evidence: {asked.pandas:,} events in {cost}")
            cost = measure([sys.executable, "-c", PANDAS, path.name], folder)
            print(f"pandas: {asked.pandas:,} events in {cost}")


if __name__ == "__main__":
    main()
