"""Cases, releases, classes and trajectories as JSON bytes, and back: no object is ever pickled.

A worker gets what its agent and its simulated tools need and nothing of what judges: no
expectation, no rule, no other case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from dialgate_evals.actions.action_classes import (
    ActionClass,
    ActionRegistry,
    BlastRadius,
    Effect,
)
from dialgate_evals.actions.trajectory import Trajectory, parse_trajectory
from dialgate_evals.files.json_text import (
    LINE_LIMIT_BYTES,
    JsonTextError,
    digest_of_bytes,
    json_line,
    parse_json,
)
from dialgate_evals.files.schema_validation import check_document
from dialgate_evals.running.engine import DueTrial
from dialgate_evals.running.executors.cluster.messages import ForeignBytesError, TrialData
from dialgate_evals.suite.case import parse_case
from dialgate_evals.suite.release import Model, Release
from dialgate_evals.suite.tools import Tool, ToolRegistry

if TYPE_CHECKING:
    from dialgate_evals.suite.case import Case

_GIVEN = ("messages", "recordings", "user")
"""Of a case what its trial rests on; the rest judges."""


def pack_trial(due: DueTrial) -> TrialData:
    """The trial with its case's context."""
    document = due.case.document
    given = {key: document[key] for key in _GIVEN if key in document}
    return TrialData(case=json_line({"id": due.case.context_digest, **given}), trial=due.trial)


def unpack_trial(data: TrialData) -> DueTrial:
    """The trial with a case that expects nothing. Raises ForeignBytesError."""
    try:
        document = parse_json(data.case)
        judges = {"origin": "golden", "expect": {"actions": []}}
        return DueTrial(case=parse_case({**document, **judges}), trial=data.trial)
    except (JsonTextError, KeyError, TypeError, ValueError) as error:
        raise ForeignBytesError(f"a trial that can't be read: {error}") from None


def pack_trajectory(trajectory: Trajectory) -> bytes:
    """The trajectory as a line of a transcript."""
    return json_line(trajectory.as_json())


def unpack_trajectory(raw: bytes, case: Case, trial: int) -> Trajectory:
    """What a worker says the agent did in that trial, whatever trial the worker names.

    Raises ForeignBytesError for what is no trajectory.
    """
    if len(raw) > LINE_LIMIT_BYTES:
        raise ForeignBytesError(f"a trial over {LINE_LIMIT_BYTES // 2**20} MiB")
    try:
        document = parse_json(raw)
    except JsonTextError as error:
        raise ForeignBytesError(f"a trial with {error}") from None
    if not isinstance(document, dict) or check_document(document, "transcript", "", str):
        raise ForeignBytesError("a trial that breaks the format of trajectories")
    return replace(parse_trajectory(document), case_id=case.id, trial=trial)


def pack_release(release: Release) -> bytes:
    """What an agent is told of the release, its tools, and which files are its code."""
    return json_line(
        {
            **release.for_agent(),
            "components": dict(release.components),
            "code": dict(release.code),
            "tools": [
                {
                    "name": tool.name,
                    "description": tool.description,
                    "parameters": tool.parameters,
                    "document": tool.document,
                }
                for tool in release.tools
            ],
            "listed": list(release.tools.listed),
        }
    )


def unpack_release(raw: bytes) -> Release:
    """The release that `pack_release` wrote. Raises ForeignBytesError."""
    try:
        values = parse_json(raw)
        tools = [Tool(**item) for item in values["tools"]]
        return Release(
            name=values["name"],
            version=values["version"],
            prompts=values["prompts"],
            tools=ToolRegistry(
                tools={tool.name: tool for tool in tools}, listed=tuple(values["listed"])
            ),
            model=Model(**values["model"]),
            components=values["components"],
            code=values["code"],
        )
    except (JsonTextError, KeyError, TypeError, ValueError) as error:
        raise ForeignBytesError(f"a release that can't be read: {error}") from None


def pack_actions(actions: ActionRegistry) -> bytes:
    """The classes, as far as simulated tools answer by them."""
    return json_line(
        [
            {
                "name": item.name,
                "tools": list(item.tools),
                "when": item.when,
                "effect": item.effect.value,
            }
            for item in actions.classes
        ]
    )


def unpack_actions(raw: bytes) -> ActionRegistry:
    """Classes by which simulated tools answer; nothing else of them is known here."""
    try:
        return ActionRegistry(classes=tuple(_class_of(item) for item in parse_json(raw)))
    except (JsonTextError, KeyError, TypeError, ValueError) as error:
        raise ForeignBytesError(f"classes that can't be read: {error}") from None


def _class_of(item: dict[str, Any]) -> ActionClass:
    return ActionClass(
        name=item["name"],
        tools=tuple(item["tools"]),
        when=item["when"],
        effect=Effect(item["effect"]),
        blast_radius=BlastRadius.HIGH,
        reversible=False,
    )


def lot_key(job: str, trials: list[TrialData], attempt: int) -> str:
    """The name of a task by what it holds: run, release, contexts, trial numbers, and which try.

    What Dask is told twice is one task; two runs share none, as their trials must be apart.
    """
    content = b"\0".join(b"%d %s" % (item.trial, item.case) for item in trials)
    return f"dialgate-{digest_of_bytes(job.encode() + content)[7:39]}-{attempt}"
