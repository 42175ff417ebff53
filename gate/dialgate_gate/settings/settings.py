"""Policy, dial, runbook and owners of a suite's folder, read together with all their problems.

Knows which file lies where; leaves suite, classes and cases to `dialgate_evals.suite.workspace`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from dialgate_evals.errors import ConfigurationError
from dialgate_evals.files.file_reading import Problems, read_toml, toml_place
from dialgate_evals.files.problems import Problem, show_path
from dialgate_gate.settings.dial import DialSettings, parse_dial
from dialgate_gate.settings.people.owners import Owners
from dialgate_gate.settings.people.reading import read_owners, read_rota
from dialgate_gate.settings.policy import Policy, parse_policy
from dialgate_gate.settings.runbook import Runbook, parse_runbook

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from dialgate_gate.settings.people.rota import Rota

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSettings:
    """What people decided about a suite: thresholds, modes, readiness."""

    policy: Policy
    dial: DialSettings
    runbook: Runbook
    owners: Owners = field(default_factory=Owners)
    rota: Rota | None = None
    # None: runbook.toml names none


def read_settings(folder: Path, problems: Problems) -> GateSettings | None:
    """The settings, or None where a file can't be used; every problem is collected.

    policy.toml is required; a suite without dial.toml or runbook.toml has nothing in them.
    """
    policy = read_policy(folder, problems)
    dial = read_dial(folder, problems)
    runbook = _read_optional(folder / "runbook.toml", "runbook", parse_runbook, Runbook(), problems)
    owners = read_owners(folder, problems)
    before = len(problems)
    rota = None if runbook is None else read_rota(folder, runbook.rota, problems)
    if policy is None or dial is None or runbook is None or owners is None:
        return None
    if len(problems) > before:
        return None
    return GateSettings(policy=policy, dial=dial, runbook=runbook, owners=owners, rota=rota)


def read_policy(folder: Path, problems: Problems) -> Policy | None:
    """The policy, or None where its file can't be used."""
    return _read(folder / "policy.toml", "policy", parse_policy, problems)


def read_dial(folder: Path, problems: Problems) -> DialSettings | None:
    """The dial, or None where its file can't be used; a suite without one has nothing in it."""
    return _read_optional(folder / "dial.toml", "dial", parse_dial, DialSettings(), problems)


def load_settings(folder: Path) -> GateSettings:
    """The settings. Raises ConfigurationError with every problem of the three files."""
    problems: Problems = []
    settings = read_settings(folder, problems)
    if settings is None:
        raise ConfigurationError(problems)
    return settings


def _read(
    path: Path,
    schema: str,
    parse: Callable[[Mapping[str, Any]], T],
    problems: Problems,
) -> T | None:
    document = read_toml(path, schema, problems)
    if document is None:
        return None
    try:
        return parse(document.values)
    except ValueError as error:
        problems.append(
            Problem(
                file=show_path(path),
                place=toml_place(document)(()),
                found=f"a date or time that is none ({error})",
                expected="a real day or moment",
            )
        )
        return None


def _read_optional(
    path: Path,
    schema: str,
    parse: Callable[[Mapping[str, Any]], T],
    absent: T,
    problems: Problems,
) -> T | None:
    return _read(path, schema, parse, problems) if path.exists() else absent
