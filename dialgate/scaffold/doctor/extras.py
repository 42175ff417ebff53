"""Which extras are installed, and which of those that are not the suite needs."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from dialgate.scaffold.doctor.finding import Finding, State
from dialgate_evals.suite.suite import AgentKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate.scaffold.doctor.finding import Patient
    from dialgate_evals.suite.workspace import Workspace

# extra: the module that comes with it, and what for
EXTRAS = {
    "chat": ("openai", "agents of the kind chat, judges of replies"),
    "mcp": ("mcp", "tools over MCP"),
    "record": ("aiohttp", "the proxy of `record`"),
    "prices": ("genai_prices", "what tokens cost, where suite.toml names no prices"),
    "sign": ("cryptography", "signed verdicts"),
    "cache": ("obstore", "trials that machines share in a bucket or Redis"),
    "yaml": ("yaml", "cases in YAML"),
    "otlp": ("opentelemetry.proto", "imports of OTLP as protobuf"),
    "notify": ("apprise", "pages of `dial watch` to Slack, PagerDuty, mail"),
    "metrics": ("prometheus_client", "`dial metrics`"),
    "rota": ("icalendar", "rotas in calendars"),
    "cluster": ("distributed", "trials on a Dask cluster"),
    "watch": ("watchfiles", "`watch` without polling"),
    "warehouse": ("sqlalchemy", "review events in a database"),
    "snowflake": ("snowflake.sqlalchemy", "review events in Snowflake"),
}


def check_extras(patient: Patient) -> Iterator[Finding]:
    """What is there, each extra that the suite needs and lacks, and what else could be there."""
    present = [name for name, (module, _) in EXTRAS.items() if _is_there(module)]
    absent = [name for name in EXTRAS if name not in present]
    there = ", ".join(present) or "none"
    yield Finding(check="extras", state=State.OK, text=f"installed: {there}")
    needed = set() if patient.workspace is None else set(_needed(patient.workspace))
    for name in absent:
        if name in needed:
            text = f"{name} is not installed, for {EXTRAS[name][1]}"
            yield Finding(check="extras", state=State.MEND, text=text, mend=_install(name))
    others = [name for name in absent if name not in needed]
    if others:
        listed = "; ".join(f"{name}, for {EXTRAS[name][1]}" for name in others)
        text = f"not installed: {listed}"
        mend = _install(",".join(others))
        yield Finding(check="extras", state=State.NOTE, text=text, mend=mend)


def _install(names: str) -> str:
    return f'pip install "dialgate[{names}]"'


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # its parent is not there
        return False


def _needed(workspace: Workspace) -> Iterator[str]:
    suite = workspace.suite
    if suite.agent.kind is AgentKind.CHAT or workspace.judges.judges:
        yield "chat"
    if suite.agent.mcp:
        yield "mcp"
    if suite.cache.url is not None and not suite.cache.url.startswith("file:"):
        yield "cache"
    if any(pattern.endswith((".yaml", ".yml")) for pattern in suite.cases):
        yield "yaml"
