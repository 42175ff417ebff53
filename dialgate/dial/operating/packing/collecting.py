"""Reads what goes into a pack: files as they are, summaries of what stays where it is.

The wiring; leaves what the files show to `items` and writing the folder to `sealing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate.check.judge import judging_digests
from dialgate.dial.dial_lookup import Dial
from dialgate.dial.grounds.drill_files import FOLDER as DRILLS
from dialgate.dial.grounds.drill_files import MOST_FILES
from dialgate.dial.operating.packing.people_out import PeopleOut
from dialgate.dial.operating.packing.summaries import (
    cases_summary,
    graduation_summary,
    reviews_summary,
    runs_summary,
    verdict_summary,
)
from dialgate.dial.recommending.recommending import RecommendRequest, gather
from dialgate_evals.actions.secret_shapes import find_secrets
from dialgate_evals.errors import ConfigurationError, EvidenceError, UsageError
from dialgate_evals.files.file_reading import is_inside, read_bytes
from dialgate_evals.files.json_text import (
    JsonTextError,
    digest_of_bytes,
    json_document,
    parse_json,
)
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.suite.versions import installed_versions
from dialgate_gate.live.live_evidence import show_moment
from dialgate_runtime.leases.lease_folder import FOLDER as LEASES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dialgate.dial.operating.packing.request import PackRequest
    from dialgate.dial.recommending.gathered import Gathered

PACK = "pack.json"
AS_THEY_ARE = (
    "suite.toml", "actions.toml", "policy.toml", "runbook.toml", "owners.toml", "dial.toml",
    "ledger.jsonl",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Collected:
    """The files of a pack but those that are computed from them, by their paths inside it."""

    files: dict[str, bytes]
    said: dict[str, Any]
    # suite, moment, release and version, for the manifest


def collect(request: PackRequest) -> Collected:
    """Everything that the suite can show now.

    Raises ConfigurationError for files that are wrong or hold a secret, UsageError and
    EvidenceError for what was named and can't be read, and as `dial recommend`.
    """
    found = gather(
        RecommendRequest(
            folder=request.folder,
            events=request.events,
            run=request.run,
            release=request.release,
            attestation=request.attestations[-1] if request.attestations else None,
            out=request.records,
            now=request.now,
        )
    )
    people = PeopleOut(names=tuple(item.reviewer for item in found.live.reviewers))
    files = dict(_copies(found, request))
    files |= {name: json_document(value) for name, value in _summaries(found, request, people)}
    said = {
        "suite": found.workspace.suite.name,
        "at": show_moment(request.now),
        "dialgate": installed_versions()["dialgate"],
        "release": found.release.as_json(),
    }
    files[PACK] = json_document({"schema": 1, **said, **_facts(found), "taken_out": people.taken})
    _refuse_secrets(files)
    return Collected(files=files, said=said)


def _facts(found: Gathered) -> dict[str, Any]:
    """What statements are held against when nothing but the pack is there."""
    workspace, settings = found.workspace, found.settings
    dial = Dial(workspace.actions, settings.dial, found.release.tools)
    return {
        "judge": judging_digests(workspace, settings),
        "bound": dial.bound_digest(),
        "people_note": found.people_note,
        "classes": [
            {
                "action_class": item.name,
                "effect": item.effect.value,
                "blast_radius": item.blast_radius.value,
                "reversible": item.reversible,
                "mode": settings.dial.mode_of(item).value,
            }
            for item in found.classes
        ],
    }


def _summaries(
    found: Gathered, request: PackRequest, people: PeopleOut
) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "cases.json", cases_summary(found.workspace)
    yield "runs.json", runs_summary(request.records, found.workspace.suite.name)
    yield "graduation.json", graduation_summary(found, people)
    if request.events is not None:
        yield "reviews.json", reviews_summary(found, people)
    for path in request.verdicts:
        raw = _read(path, "a verdict of `check`, as JSON")
        document = _parsed(raw, path)
        if not isinstance(document, dict) or "verdict" not in document or "release" not in document:
            raise UsageError(
                f"--verdict {show_path(path)} is no verdict that `check --json` wrote."
            )
        yield f"verdicts/{_named(raw)}.json", verdict_summary(document, people)


def _copies(found: Gathered, request: PackRequest) -> Iterator[tuple[str, bytes]]:
    folder = found.workspace.folder
    for name in AS_THEY_ARE:
        if (folder / name).is_file():
            yield f"suite/{name}", _inside(folder / name, found)
    rota = found.settings.runbook.rota
    if rota is not None:
        path = folder / rota
        yield f"suite/rota{'.ics' if path.suffix == '.ics' else '.toml'}", _inside(path, found)
    for kind in (DRILLS, LEASES):
        for path in sorted((folder / kind).glob("*.json"))[:MOST_FILES]:
            yield f"{kind}/{path.name}", _inside(path, found)
    for path in request.attestations:
        raw = _read(path, "a signed verdict")
        document = _parsed(raw, path)
        if not isinstance(document, dict) or "payload" not in document:
            raise UsageError(f"--attestation {show_path(path)} is no signed verdict.")
        yield f"verdicts/{_named(raw)}.dsse.json", raw


def _inside(path: Path, found: Gathered) -> bytes:
    """The bytes of a file of the workspace; a link out of it is refused."""
    if not is_inside(path, found.workspace.root):
        problem = Problem(
            file=show_path(path),
            found="a link out of the workspace",
            expected="a file inside it",
        )
        raise ConfigurationError([problem])
    return _read(path, "a file of the suite")


def _read(path: Path, expected: str) -> bytes:
    problems: list[Problem] = []
    raw = read_bytes(path, problems, expected=expected)
    if raw is None:
        raise EvidenceError(problems)
    return raw


def _parsed(raw: bytes, path: Path) -> object:
    try:
        found: object = parse_json(raw)
    except JsonTextError as error:
        problem = Problem(file=show_path(path), found=str(error), expected="strict JSON")
        raise EvidenceError([problem]) from None
    return found


def _named(raw: bytes) -> str:
    """A name that says nothing but the content's digest."""
    return f"verdict-{digest_of_bytes(raw).removeprefix('sha256:')[:12]}"


def _refuse_secrets(files: dict[str, bytes]) -> None:
    """Raises ConfigurationError where something that would be handed on looks like a secret."""
    problems = [
        Problem(
            file=name,
            place=f"line {text.count(chr(10), 0, match.start()) + 1}",
            found="what has the form of a secret",
            expected="none in a pack: others will read it",
            advice="Take it out of the suite's file, and revoke it.",
        )
        for name, raw in sorted(files.items())
        if (text := raw.decode("utf-8", "replace"))
        for match in find_secrets(text)
    ]
    if problems:
        raise ConfigurationError(problems)
