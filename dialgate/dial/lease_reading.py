"""What a suite's files say of leases: whose count, for which release, where they lie.

Leaves verifying them to `dialgate_runtime.leases` and issuing them to `dialgate.dial.leasing`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.file_reading import read_toml, workspace_root
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.suite.release import read_release
from dialgate_gate.settings.settings import read_policy
from dialgate_runtime.leases.lease import Subject
from dialgate_runtime.leases.lease_folder import FOLDER
from dialgate_runtime.leases.rules import NO_RULES, SKEW_S, LeaseRules, parse_rules

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from dialgate_gate.settings.lease_policy import LeasePolicy
    from dialgate_runtime.mode import Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseSettings:
    """What a dial holds leases to."""

    suite: str = ""
    release: Mapping[str, Any] | None = None
    # name, version, fingerprint; None: no leases are looked for, or it isn't known
    document: Mapping[str, Any] | None = None
    # the rules as an exported dial writes them; None: the policy knows no leases
    rules: LeaseRules = NO_RULES
    folder: Path | None = None
    rules_file: Path | None = None
    # read instead of `rules`, again whenever it changes
    ceiling: Mapping[str, Mode] = field(default_factory=dict)

    def subject(self, classes: str) -> Subject | None:
        """What a lease must be on; None: none can be."""
        if self.release is None:
            return None
        return Subject(suite=self.suite, release=self.release["fingerprint"], classes=classes)


def read_lease_settings(
    folder: Path, release: Path | None, problems: list[Problem]
) -> LeaseSettings:
    """What the suite's policy says of leases; nothing where there is no policy.

    The release is read whole where leases are looked for, as a lease is on its fingerprint.
    """
    path = folder / "policy.toml"
    policy = read_policy(folder, problems) if path.exists() else None
    if policy is None:
        return LeaseSettings()
    document = rules_document(policy.lease)
    if document is None:
        return LeaseSettings(ceiling=policy.ceiling)
    rules, wrong = parse_rules(document)
    problems += [
        Problem(file=show_path(path), place="lease", found=text, expected="a public Ed25519 key")
        for text in wrong
    ]
    suite = read_toml(folder / "suite.toml", "suite", problems)
    found = read_release(
        release or folder / "release.toml",
        suite_folder=folder,
        root=workspace_root(folder),
        problems=problems,
    )
    named = None
    if found is not None:
        named = {"name": found.name, "version": found.version, "fingerprint": found.fingerprint}
    return LeaseSettings(
        suite="" if suite is None else suite.values["name"],
        release=named,
        document=document,
        rules=rules,
        folder=folder / FOLDER,
        ceiling=policy.ceiling,
    )


def rules_document(policy: LeasePolicy) -> dict[str, Any] | None:
    """The rules as a runtime reads them; None: leases are neither required nor could one count."""
    if not policy.required and not policy.keys:
        return None
    return {
        "schema": 1,
        "required": policy.required,
        "skew_s": SKEW_S,
        "keys": list(policy.keys),
        "revoked": sorted(policy.revoked),
    }
