"""A pack's folder as it lies there: its own document, its settings, and its other files on demand.

The same for a pack that is being written and one that is verified. Nothing but the folder is read.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dialgate.dial.operating.packing.collecting import PACK
from dialgate_evals.files.file_reading import read_bytes, read_toml
from dialgate_evals.files.json_text import JsonTextError, parse_json
from dialgate_evals.files.problems import Problem, show_path
from dialgate_gate.settings.people.reading import read_owners, read_rota
from dialgate_gate.settings.runbook import Runbook, parse_runbook
from dialgate_gate.settings.settings import GateSettings, read_dial, read_policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedRelease:
    """The release that a pack is of; a `NamedRelease`."""

    version: str
    fingerprint: str
    components: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class OpenPack:
    """What items are read from."""

    folder: Path
    document: Mapping[str, Any]
    # pack.json
    settings: GateSettings
    at: dt.datetime
    # the moment that the pack is of
    release: PackedRelease
    problems: list[Problem] = field(default_factory=list)

    def files(self, pattern: str) -> Iterator[tuple[str, bytes]]:
        """Files that the glob finds, by path, with their bytes; a link is never followed."""
        for path in sorted(self.folder.glob(pattern)):
            if path.is_file() and not path.is_symlink():
                raw = read_bytes(path, self.problems, expected="a file of the pack")
                if raw is not None:
                    yield path.relative_to(self.folder).as_posix(), raw

    def json(self, name: str) -> Mapping[str, Any] | None:
        """A file's JSON object; None where there is none, or no such thing."""
        for _, raw in self.files(name):
            found = parsed(raw)
            return found if isinstance(found, dict) else None
        return None


def parsed(raw: bytes) -> object:
    """The JSON data; None where it is none."""
    try:
        found: object = parse_json(raw)
    except JsonTextError:
        return None
    return found


def open_pack(folder: Path, problems: list[Problem]) -> OpenPack | None:
    """The pack, or None with what keeps it from being one."""
    raw = read_bytes(folder / PACK, problems, expected="the document of a pack")
    if raw is None:
        return None
    document = parsed(raw)
    found = _said(document)
    if found is None or not isinstance(document, dict):
        problems.append(
            Problem(file=show_path(folder / PACK), found="another document", expected="a pack's")
        )
        return None
    settings = _settings(folder / "suite", problems)
    if settings is None:
        return None
    at, release = found
    return OpenPack(
        folder=folder, document=document, settings=settings, at=at, release=release,
        problems=problems,
    )  # fmt: skip


def _said(document: object) -> tuple[dt.datetime, PackedRelease] | None:
    """The moment and the release; None: the document is none of a pack."""
    try:
        assert isinstance(document, dict)
        release = document["release"]
        at = dt.datetime.strptime(document["at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=dt.UTC)
        packed = PackedRelease(
            version=str(release["version"]),
            fingerprint=str(release["fingerprint"]),
            components={key: str(value) for key, value in release["components"].items()},
        )
        is_whole = document["schema"] == 1 and all(
            isinstance(item["action_class"], str) for item in document["classes"]
        )
    except (AssertionError, AttributeError, KeyError, TypeError, ValueError):
        return None
    return (at, packed) if is_whole and isinstance(document.get("suite"), str) else None


def _settings(suite: Path, problems: list[Problem]) -> GateSettings | None:
    """As `read_settings`, but for the rota: a pack's has a name of its own."""
    policy, dial = read_policy(suite, problems), read_dial(suite, problems)
    owners = read_owners(suite, problems)
    runbook = _runbook(suite / "runbook.toml", problems)
    if policy is None or dial is None or owners is None or runbook is None:
        return None
    names = [name for name in ("rota.toml", "rota.ics") if (suite / name).is_file()]
    rota = read_rota(suite, names[0], problems) if names else None
    return GateSettings(policy=policy, dial=dial, runbook=runbook, owners=owners, rota=rota)


def _runbook(path: Path, problems: list[Problem]) -> Runbook | None:
    if not path.is_file():
        return Runbook()
    document = read_toml(path, "runbook", problems)
    return None if document is None else parse_runbook(document.values)
