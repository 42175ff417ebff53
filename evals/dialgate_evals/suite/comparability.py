"""The comparability key: when a trial on record stands for one that would be run now.

Knows everything that a trajectory rests on (the contract's "What check takes from where") and
when that can't be known; leaves keeping trajectories to `dialgate_evals.records.reuse.trial_cache`.
"""

from __future__ import annotations

from dataclasses import asdict
from json.encoder import encode_basestring_ascii
from typing import TYPE_CHECKING, Any

from msgspec import to_builtins

from dialgate_evals.actions.secret_shapes import SHAPES
from dialgate_evals.conversing.users import ANSWERS, UserSettings
from dialgate_evals.files.json_text import digest_of, digest_of_bytes
from dialgate_evals.files.schema_validation import VALIDATOR
from dialgate_evals.suite.suite import AgentKind
from dialgate_evals.suite.versions import SIMULATOR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.suite import Suite

_WITHOUT_EFFECT = ("workers", "api_key_env", "path")
"""Settings of `[agent]` that change no trajectory. A setting to come counts: a needless miss costs
a trial, a wrong hit the verdict."""

_EFFECTS = ("tools", "effect", "when")
"""What of an action class the simulated tools answer by."""


def run_key(
    *,
    release: Release,
    suite: Suite,
    actions_document: Mapping[str, Any],
    simulator_digest: str | None = None,
) -> str:
    """`sha256:…` over all that decides what the agent does, but for the case and the trial.

    `actions_document` is actions.toml as read; `simulator_digest` the digest of the simulator's
    file, None where the suite has none.
    """
    return digest_of(
        {
            **_user_settings(suite),
            "release": release.fingerprint,
            "agent": _agent_settings(suite),
            "actions": _effects(actions_document),
            "simulator": [SIMULATOR, suite.simulator, simulator_digest],
            "validator": VALIDATOR,
            "redaction": [
                {"pointers": suite.redact.pointers, "patterns": suite.redact.patterns},
                sorted(suite.secrets),
                # not the name of the key: by which account a model is asked decides nothing
                SHAPES,
            ],
        }
    )


def comparability_key(run: str, case: Case, trial: int) -> str:
    """`sha256:…` of one trial of the case in a run of that `run_key`.

    The case counts by its context, not by its id or expectations: scores are always made anew.
    """
    # The canonical text of these three keys, without a writer of any data.
    context, named = encode_basestring_ascii(case.context_digest), encode_basestring_ascii(run)
    text = f'{{"context":{context},"run":{named},"trial":{trial}}}'
    return digest_of_bytes(text.encode("ascii"))


def why_not_cached(suite: Suite, release: Release) -> str | None:
    """Why trials of this release can't be told apart by a key, as a sentence; None: they can.

    Of an agent with code, that code must be part of the release: else a changed agent would be
    answered from the cache with what the old one did.
    """
    kind = suite.agent.kind
    if kind is AgentKind.TRANSCRIPT:
        return "Recorded transcripts are read, not run."
    if kind is not AgentKind.CHAT and release.components["code"] == digest_of({}):
        return (
            f"{release.place} names no code, so nothing would tell a changed agent from the one "
            "that was recorded. Name the agent's files with `code` to reuse its trials."
        )
    return None


def _agent_settings(suite: Suite) -> dict[str, Any]:
    settings = {
        key: value for key, value in asdict(suite.agent).items() if key not in _WITHOUT_EFFECT
    }
    prices = None if suite.prices is None else asdict(suite.prices)
    limits = {"timeout_s": suite.timeout_s, "max_turns": suite.max_turns}
    return {**settings, **limits, "prices": prices}


def _user_settings(suite: Suite) -> dict[str, Any]:
    """Who answers where a case doesn't say, and the model of such users; nothing without any."""
    if suite.user == UserSettings():
        return {}
    settings = to_builtins(suite.user)
    kept = {key: value for key, value in settings.items() if key != "api_key_env"}
    return {"user": kept, "answers": ANSWERS}


def _effects(actions_document: Mapping[str, Any]) -> list[list[Any]]:
    """Classes in their order, which decides: an unmatched read is an error, a write is not."""
    return [
        [item.get(key) for key in _EFFECTS] for item in actions_document.get("class", {}).values()
    ]
