"""A shop with everything that a pack holds: a signed verdict, a drill, a move, a lease, reviews."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from dialgate.signatures.keys import read_private_key, sign
from dialgate_evals.files.json_text import json_document
from dialgate_evals.suite.workspace import load_workspace
from dialgate_gate.audit.drills.kill_switch import DrillResult
from dialgate_gate.audit.drills.statement import DrillKind, drill_statement
from dialgate_gate.settings.runbook import KillSwitch, Runbook
from tests.integration.command_line import Finished, dialgate
from tests.integration.dial.test_dial_recommend import an_event, mail
from tests.runtime.lease_builders import KEY, OTHER, pem
from tests.workspaces import POLICY, RecordedSuite, a_case, write_lines

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate_evals.suite.release import Release

RUNBOOK = """schema = 1
[owners]
product_owner = "ada"
reliability_engineer = "bo"
evaluation_engineer = "ada"
tool_registry_maintainer = "ada"
escalation_reviewer = "ada"
[kill_switch]
run = "stop"
drill = "touch {folder}/paused"
"""


OWNERS = """schema = 1
[person.ada]
name = "Ada Adams"
mail = "ada@desk.io"
[person.bo]
name = "Bo Berg"
mail = "bo@desk.io"
"""


MORE_POLICY = """
[ladder.on_the_loop]
eval_success = 0.9
[demote]
intervention_rate = 0.05
alpha = 0.01
[watch]
escalation_rate = {{ limit = 0.05 }}
[attestation]
keys = {keys}
max_age_days = 3650
[lease]
keys = {keys}
"""


LATER = (dt.datetime.now(dt.UTC) + dt.timedelta(days=40)).strftime("%Y-%m-%d")
"""A day on which the verdict is signed and the lease is over."""


PACK = ("pack", "shop", "events.jsonl", "--out", "pack", "--key", "key.pem", "--now", LATER)


class Shop:
    """A suite with a signed verdict, a drill, a move, a lease and reviews by people with names."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        suite = RecordedSuite(folder / "shop", refunds=40)
        ids = [f"mail-{index}" for index in range(40)]
        suite.case_ids += ids
        suite.cases += [a_case(case_id, [mail(case_id)]) for case_id in ids]
        suite.write_cases()
        for version in ("1", "2"):
            suite.record(version, {case_id: [mail(case_id)] for case_id in ids})
        keys = json.dumps([pem(KEY)])
        suite.write("policy.toml", POLICY + MORE_POLICY.format(keys=keys))
        suite.write("runbook.toml", RUNBOOK)
        suite.write("owners.toml", OWNERS)
        for name, key in (("key.pem", KEY), ("other.pem", OTHER)):
            raw = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            (folder / name).write_bytes(raw)
        (folder / "key.pub").write_text(pem(KEY), "ascii")
        (folder / "other.pub").write_text(pem(OTHER), "ascii")
        rows = [
            an_event(index, reviewer="Ines Duarte <ines@desk.io>", review_s=20.0)
            for index in range(60)
        ]
        rows[3] |= {"decision": "rejected", "canary": True}
        write_lines(folder / "events.jsonl", rows)
        for done in (
            ("check", "shop", "--baseline", "releases/1.toml", "--attest", "a.json", "--key",
             "key.pem", "--json", "v.json"),
            ("dial", "set", "shop", "mail", "on_the_loop", "--by", "Ada Adams", "--override", "ok"),
            ("dial", "lease", "shop", "--key", "key.pem"),
        ):  # fmt: skip
            found = self.run(*done)
            assert found.code == 0, found.out + found.err
        self.drill()

    def run(self, *arguments: str) -> Finished:
        return dialgate(*arguments, folder=self.folder)

    def drill(self) -> None:
        release = load_workspace(self.folder / "shop").release()
        statement = a_drill(release)
        (self.folder / "shop/drills").mkdir()
        key = read_private_key((self.folder / "key.pem").read_bytes(), "key")
        envelope = sign(json_document(statement), key)
        path = self.folder / "shop/drills/kill-switch.json"
        path.write_bytes(json_document(envelope.as_json()))

    def verify(self, *arguments: str) -> Finished:
        return self.run("verify", "pack", *arguments)


def a_drill(release: Release) -> dict[str, Any]:
    """A drill that held on the shop's runbook."""
    return drill_statement(
        DrillKind.KILL_SWITCH,
        DrillResult(held=True, findings=(), sentences=(), figures={}),
        suite="shop",
        release=release,
        runbook=Runbook(kill_switch=KillSwitch(run="stop", drill="touch {folder}/paused")),
        at=dt.datetime(2026, 10, 1, tzinfo=dt.UTC),
        live=False,
        version="0",
    )
