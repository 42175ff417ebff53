"""What a run is about: suite, release, cases and limits, and the digest that names its record.

Leaves writing the record to `records.run_record`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.json_text import digest_of_parsed
from dialgate_evals.files.schema_validation import VALIDATOR
from dialgate_evals.records.shards import ShardOf
from dialgate_evals.scoring.scoring import SCORER
from dialgate_evals.suite.versions import SIMULATOR

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dialgate_evals.records.shards import Shard
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class RunIdentity:
    """What a run is about; equal identities may go on where the other stopped."""

    suite: str
    suite_digest: str
    suite_cases: int
    # cases that the suite has, however many of them were asked for
    release: Mapping[str, Any]
    # name, version, fingerprint, components, model
    cases: Mapping[str, Mapping[str, str]]
    # id to {"context", "digest"}
    trials: int
    # per case
    deterministic: bool
    agent_kind: str
    comparability: str | None = None
    # the run's part of the comparability key; None where its trials must not be reused
    shard: ShardOf | None = None
    # which part of the cases these are; None: all that were asked for
    held_out: tuple[str, ...] = ()
    # cases of the hold-out split; no part of what the run is

    @property
    def id(self) -> str:
        """Twelve hexadecimal digits of the digest."""
        return digest_of_parsed({**self.as_json(), "versions": judging_versions()})[7:19]

    def as_json(self) -> dict[str, Any]:
        """The identity as run.json holds it."""
        return {
            "suite": {
                "name": self.suite,
                "digest": self.suite_digest,
                "cases": self.suite_cases,
            },
            "release": dict(self.release),
            "cases": dict(self.cases),
            "trials_per_case": self.trials,
            "deterministic": self.deterministic,
            "agent_kind": self.agent_kind,
            "comparability": self.comparability,
            **({} if self.shard is None else {"shard": self.shard.as_json()}),
        }


def identify_run(
    workspace: Workspace,
    release: Release,
    trials: int | None = None,
    *,
    cases: Sequence[Case] | None = None,
    shard: Shard | None = None,
) -> RunIdentity:
    """The identity of a run of the release on the suite, or on these cases: a shard, or any."""
    suite = workspace.suite
    listed = workspace.cases if cases is None else cases
    return RunIdentity(
        suite=suite.name,
        suite_digest=workspace.digest,
        suite_cases=len(workspace.cases),
        release={**release.as_json(), "model": release.model.as_json()},
        cases=_digests(listed),
        trials=trials or suite.trials,
        deterministic=suite.deterministic,
        agent_kind=suite.agent.kind.value,
        comparability=workspace.run_key(release),
        shard=None if shard is None else ShardOf.suite(shard, _digests(workspace.cases)),
        held_out=tuple(case.id for case in listed if case.held_out),
    )


def _digests(cases: Iterable[Case]) -> dict[str, dict[str, str]]:
    return {case.id: {"context": case.context_digest, "digest": case.digest} for case in cases}


def judging_versions() -> dict[str, str]:
    """What must be equal for two records to have been judged alike."""
    return {"scorer": SCORER, "validator": VALIDATOR, "simulator": SIMULATOR}
