"""suite.toml: which cases, how many trials, which limits, how the agent is reached.

Parses the checked file into frozen settings; leaves the cases to `suite.case_files` and reaching
the agent to `dialgate_evals.running.agents`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.redaction import Redaction
from dialgate_evals.conversing.users import UserSettings, parse_user_settings

if TYPE_CHECKING:
    from collections.abc import Mapping


class AgentKind(StrEnum):
    """How the agent is reached."""

    PYTHON = "python"
    COMMAND = "command"
    HTTP = "http"
    CHAT = "chat"
    TRANSCRIPT = "transcript"


class Network(StrEnum):
    """What the agent's sandbox lets it reach."""

    OPEN = "open"
    LOOPBACK = "loopback"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSettings:
    """The `[agent]` table; which keys matter depends on the kind."""

    kind: AgentKind
    target: str | None = None
    interpreter: str | None = None
    isolated: bool = True
    # False: one child for all trials of a release, without a pool
    command: tuple[str, ...] = ()
    url: str | None = None
    base_url: str | None = None
    model: str | None = None
    api_key_env: str | None = None
    path: str | None = None
    mcp: bool | str = False
    # True: streamable HTTP; "stdio": the command line of a stdio server
    workers: int | None = None
    # processes at most; None: as many as there are processors
    memory_mb: int | None = None
    pythonpath: tuple[str, ...] = ()
    # folders of the agent's modules, relative to suite.toml
    env: tuple[str, ...] = ()
    # names of variables that reach the agent
    env_file: str | None = None
    # NAME=value lines; in the user's checkout, never of a commit
    needs: tuple[str, ...] = ()
    # untracked files and folders of the user's checkout, the same for both releases
    network: Network = Network.OPEN
    working_folder: str | None = None
    # relative to suite.toml; None: its folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantine:
    """A case that is run and shown but doesn't decide, until a day."""

    case: str
    owner: str
    reason: str
    until: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """US dollars per million tokens."""

    input: float
    output: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheLimits:
    """How much of earlier trials is kept, and where they are shared."""

    max_mb: float = 1024.0
    max_age_days: float = 30.0
    url: str | None = None
    # None: not shared


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """What suite.toml says: which cases, how often, against which agent, within which limits."""

    name: str
    cases: tuple[str, ...]
    # globs, relative to suite.toml
    trials: int = 1
    concurrency: int = 8
    timeout_s: float = 60.0
    max_turns: int = 30
    retries: int = 2
    max_infra_error_rate: float = 0.02
    deterministic: bool = False
    agent: AgentSettings
    simulator: str | None = None
    record_missing: tuple[str, ...] = ()
    # reads that may be asked of the real tool, once
    prices: Prices | None = None
    redact: Redaction = field(default_factory=Redaction)
    holdout_share: float = 0.2
    # of the tasks whose decisions become cases
    secrets: tuple[str, ...] = ()
    # environment variables whose values never reach a record
    cache: CacheLimits = CacheLimits()
    quarantine: tuple[Quarantine, ...] = ()
    user: UserSettings = field(default_factory=UserSettings)
    # who answers an agent that asks back

    @property
    def secret_names(self) -> tuple[str, ...]:
        """The variables of `[secrets]`, and those that hold the models' keys."""
        keys = (self.agent.api_key_env, self.user.api_key_env)
        return (*self.secrets, *(key for key in keys if key is not None))


def parse_suite(document: Mapping[str, Any]) -> Suite:
    """The settings that a checked suite.toml says."""
    plain = ("trials", "concurrency", "timeout_s", "max_turns", "retries")
    more = ("max_infra_error_rate", "deterministic")
    prices = document.get("prices")
    redact = document.get("redact", {})
    return Suite(
        name=document["name"],
        cases=tuple(document["cases"]),
        **{key: document[key] for key in (*plain, *more) if key in document},
        agent=_parse_agent(document["agent"]),
        simulator=document.get("tools", {}).get("simulator"),
        record_missing=tuple(document.get("tools", {}).get("record_missing", ())),
        prices=Prices(**prices) if prices else None,
        redact=Redaction(
            pointers=tuple(redact.get("pointers", ())),
            patterns=tuple(redact.get("patterns", ())),
            keep=tuple(redact.get("keep", ())),
        ),
        holdout_share=float(document.get("holdout", {}).get("share", 0.2)),
        cache=CacheLimits(**document.get("cache", {})),
        secrets=tuple(document.get("secrets", {}).get("env", ())),
        user=parse_user_settings(document.get("user", {})),
        quarantine=tuple(_parse_quarantine(item) for item in document.get("quarantine", ())),
    )


def _parse_agent(document: Mapping[str, Any]) -> AgentSettings:
    values = dict(document)
    return AgentSettings(
        kind=AgentKind(values.pop("kind")),
        isolated=values.pop("isolation", "process") == "process",
        network=Network(values.pop("network", "open")),
        command=tuple(values.pop("command", ())),
        pythonpath=tuple(values.pop("pythonpath", ())),
        env=tuple(values.pop("env", ())),
        needs=tuple(values.pop("needs", ())),
        **values,
    )


def _parse_quarantine(document: Mapping[str, Any]) -> Quarantine:
    return Quarantine(
        case=document["case"],
        owner=document["owner"],
        reason=document["reason"],
        until=dt.date.fromisoformat(document["until"]),
    )
