"""What is wrong with ceilings, and with the keys of leases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.files.problems import Problem, join_words, show_path
from dialgate_gate.settings.dial import needs_lease
from dialgate_runtime.leases.rules import KeyTextError, read_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_gate.settings.lease_policy import LeasePolicy
    from dialgate_gate.settings.settings import GateSettings


def lint_leases(folder: Path, actions: ActionRegistry, settings: GateSettings) -> Iterator[Problem]:
    """A mode over its ceiling, a key that no lease can be verified with, leases nobody may sign.

    And a mode that stays in force after what it rests on has gone, as no lease is required.
    """
    file = show_path(folder / "policy.toml")
    kept = [c.name for c in actions.classes if needs_lease(c, settings.dial.mode_of(c))]
    if kept and not settings.policy.lease.required:
        yield Problem(
            file=file,
            place="lease.required",
            found=f"false, with {join_words(kept)} acting before people look",
            expected="true, so that a mode ends with what it rests on",
            advice="See `dialgate dial lease`.",
            severity="warning",
        )
    for name, entry in settings.dial.entries.items():
        ceiling = settings.policy.ceiling.get(name)
        if ceiling is not None and entry.mode.rank > ceiling.rank:
            yield Problem(
                file=show_path(folder / "dial.toml"),
                place=f'class."{name}".mode',
                found=f"{entry.mode.value}, over the policy's ceiling",
                expected=f"at most {ceiling.value}",
                advice="Take the class back: `dialgate dial set`.",
            )
    yield from _keys(file, settings.policy.lease)


def _keys(file: str, policy: LeasePolicy) -> Iterator[Problem]:
    names = set()
    for index, text in enumerate(policy.keys):
        try:
            names.add(read_key(text)[0])
        except KeyTextError as error:
            yield Problem(
                file=file,
                place=f"lease.keys[{index}]",
                found=str(error),
                expected="a public Ed25519 key, as a runtime verifies no other",
            )
    if policy.required and not names - policy.revoked:
        yield Problem(
            file=file,
            place="lease.required",
            found="true, and no key in lease.keys that isn't revoked",
            expected="the public key of whoever runs `dialgate dial lease`",
            advice="Else every write is in the loop at most.",
            severity="warning",
        )
