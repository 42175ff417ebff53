"""`dial lease`: autonomy lasts as long as what it rests on, and a runtime sees it end."""

from __future__ import annotations

import datetime as dt
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from dialgate import Dial
from dialgate_runtime import Dial as RuntimeDial
from dialgate_runtime import Mode
from dialgate_runtime.leases.rules import read_key
from tests.integration.command_line import Finished, dialgate
from tests.runtime.lease_builders import KEY, OTHER, pem
from tests.workspaces import POLICY, RecordedSuite

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

LADDER = """
[ladder.on_the_loop]
requires = ["kill_switch"]
[demote]
intervention_rate = 0.05
alpha = 0.01
"""
RUNBOOK = """schema = 1
[kill_switch]
run = "stop"
tested_at = {day}
"""


def lease_policy(*keys: Ed25519PrivateKey, more: str = "", required: bool = True) -> str:
    listed = json.dumps([pem(key) for key in keys or (KEY,)])
    return f"\n[lease]\nrequired = {str(required).lower()}\nkeys = {listed}\n{more}"


class Shop:
    """A suite whose class refund is on the loop, with a key to sign its leases."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.suite = RecordedSuite(folder / "shop", refunds=2)
        today = dt.datetime.now(dt.UTC).date()
        self.suite.write("runbook.toml", RUNBOOK.format(day=today.isoformat()))
        self.policy(lease_policy())
        for name, key in (("key.pem", KEY), ("other.pem", OTHER)):
            raw = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            (folder / name).write_bytes(raw)
        done = self.run(
            "dial", "set", "shop", "refund", "on_the_loop", "--by", "Ada", "--override", "we know"
        )
        assert done.code == 0, done

    def policy(self, lease: str) -> None:
        self.suite.write("policy.toml", POLICY + LADDER + lease)

    def run(self, *arguments: str) -> Finished:
        return dialgate(*arguments, folder=self.folder)

    def lease(self, *arguments: str, key: str = "key.pem") -> Finished:
        return self.run("dial", "lease", "shop", "--key", key, *arguments)

    def mode(self) -> Mode:
        return Dial.load(self.folder / "shop").mode("refund", {"order": "1"})


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_a_lease_is_what_a_runtime_s_autonomy_needs(shop: Shop) -> None:
    assert shop.mode() is Mode.IN_THE_LOOP
    done = shop.lease()
    assert done.code == 0, done
    assert "refund" in done.out
    assert shop.mode() is Mode.ON_THE_LOOP


def test_the_exported_dial_alone_says_the_same(shop: Shop) -> None:
    """A runtime has that file, the folder of leases, and not this package's dependencies."""
    shop.lease()
    assert shop.run("dial", "show", "shop", "--json", "dial.json").code == 0
    path, leases = shop.folder / "dial.json", shop.folder / "shop/lease"
    call = ("refund", {"order": "1"})
    assert RuntimeDial.load(path, leases=leases).mode(*call) is Mode.ON_THE_LOOP
    assert RuntimeDial.load(path).mode(*call) is Mode.ON_THE_LOOP
    late = time.time() + 25 * 3600
    assert RuntimeDial.load(path, clock=lambda: late).mode(*call) is Mode.IN_THE_LOOP
    assert RuntimeDial.load(path, leases=leases, clock=lambda: late).mode(*call) is Mode.IN_THE_LOOP
    (leases / "refund.json").unlink()
    assert RuntimeDial.load(path, leases=leases).mode(*call) is Mode.IN_THE_LOOP


def test_a_changed_model_ends_it_at_once_and_gets_no_new_one(shop: Shop) -> None:
    shop.lease()
    text = (shop.folder / "shop/release.toml").read_text("utf-8")
    changed = text.replace('name = "scripted"', 'name = "scripted-2"').replace("temperature", "t")
    if changed == text:
        changed = text + "\n[model.parameters]\ntemperature = 1\n"
    (shop.folder / "shop/release.toml").write_text(changed, "utf-8")
    assert shop.mode() is Mode.IN_THE_LOOP
    done = shop.lease()
    assert done.code == 1, done
    assert "whose model differs" in done.out.replace("\n    ", " ")
    assert not (shop.folder / "shop/lease/refund.json").exists()


def test_a_test_of_the_kill_switch_that_is_too_old_takes_it_away(shop: Shop) -> None:
    shop.lease()
    shop.suite.write("runbook.toml", RUNBOOK.format(day="2020-01-01"))
    done = shop.lease()
    assert done.code == 1
    assert shop.mode() is Mode.IN_THE_LOOP
    shop.policy(lease_policy(more='[lapse]\ndrill = "warn"\n'))
    done = shop.lease()
    assert done.code == 0, done
    assert "with a warning" in done.out
    assert shop.mode() is Mode.ON_THE_LOOP


def test_the_report_says_what_the_mode_in_force_lacks(shop: Shop) -> None:
    shop.policy(lease_policy(required=False))
    shop.suite.write("runbook.toml", RUNBOOK.format(day="2020-01-01"))
    done = shop.run("dial", "recommend", "shop", "--json", "found.json", "--markdown", "found.md")
    assert "refund: the mode in force lacks what it rests on" in done.out
    assert "Leases are not required" in done.out
    document = json.loads((shop.folder / "found.json").read_text("utf-8"))
    (refund,) = [item for item in document["classes"] if item["action_class"] == "refund"]
    assert refund["in_force"]["effective"] == "in_the_loop"
    lost = [r for r in refund["in_force"]["requirements"] if r["lapse"]]
    assert [r["requirement"] for r in lost] == ["kill_switch"]
    text = (shop.folder / "found.md").read_text("utf-8")
    assert "Leases are not required" in text
    assert "kill switch" in text


def test_one_key_follows_another_and_a_stolen_one_is_revoked(shop: Shop) -> None:
    done = shop.lease(key="other.pem")
    assert done.code == 2
    assert "doesn't name the key" in done.err
    shop.policy(lease_policy(KEY, OTHER))
    assert shop.lease(key="other.pem").code == 0
    assert shop.mode() is Mode.ON_THE_LOOP
    revoked = f'revoked = ["{read_key(pem(OTHER))[0]}"]\n'
    shop.policy(lease_policy(KEY, OTHER, more=revoked))
    assert shop.mode() is Mode.IN_THE_LOOP
    assert shop.lease(key="other.pem").code == 2
    assert shop.lease().code == 0
    assert shop.mode() is Mode.ON_THE_LOOP


def test_no_lease_is_longer_than_the_policy_says(shop: Shop) -> None:
    done = shop.lease("--hours", "48")
    assert done.code == 2
    assert "the policy allows 24 hours" in done.err


def test_a_ceiling_holds_against_an_override_and_a_hand_edited_dial(shop: Shop) -> None:
    shop.lease()
    shop.policy(lease_policy(more='[ceiling]\nrefund = "in_the_loop"\n'))
    assert shop.mode() is Mode.IN_THE_LOOP
    assert shop.run("lint", "shop").code == 2
    done = shop.run("dial", "set", "shop", "refund", "in_the_loop", "--by", "Ada")
    assert done.code == 0
    move = ("dial", "set", "shop", "refund", "on_the_loop", "--by", "Ada", "--override", "I insist")
    done = shop.run(*move)
    assert done.code == 1
    assert "ceiling for refund is in_the_loop" in done.err


def test_without_rules_for_leases_a_dial_of_today_is_as_it_was(shop: Shop) -> None:
    shop.policy("")
    assert shop.mode() is Mode.ON_THE_LOOP
    assert Dial.load(shop.folder / "shop", required=True).mode("refund", {}) is Mode.IN_THE_LOOP


def test_what_became_of_each_class_is_written_for_machines(shop: Shop) -> None:
    done = shop.lease("--json", "-")
    found: dict[str, Any] = json.loads(done.out)
    assert found["required"] is True
    (refund,) = found["classes"]
    assert (refund["action_class"], refund["lease"]) == ("refund", "on_the_loop")
    names = {item["requirement"] for item in refund["in_force"]["requirements"]}
    assert {"release", "alarm", "kill_switch"} <= names


def test_a_ledger_that_says_no_release_supports_no_lease(shop: Shop) -> None:
    """One of earlier days: whoever wants a lease for it says on what the class rests."""
    (shop.folder / "shop/ledger.jsonl").unlink()
    done = shop.lease()
    assert done.code == 1
    assert "doesn't say on which release" in done.out.replace("\n    ", " ")


def test_a_file_of_rules_revokes_a_key_without_another_release(shop: Shop) -> None:
    shop.lease()
    path = shop.folder / "rules.json"
    rules = {"schema": 1, "required": True, "keys": [pem()]}
    path.write_text(json.dumps(rules), "utf-8")
    call = ("refund", {"order": "1"})
    assert Dial.load(shop.folder / "shop", rules=path).mode(*call) is Mode.ON_THE_LOOP
    path.write_text(json.dumps({**rules, "revoked": [read_key(pem())[0]]}), "utf-8")
    assert Dial.load(shop.folder / "shop", rules=path).mode(*call) is Mode.IN_THE_LOOP


@pytest.mark.parametrize(
    "baseline", ["releases/1.toml", "release.toml"], ids=["judged", "unchanged"]
)
def test_check_says_in_its_report_that_no_lease_ends_a_mode(shop: Shop, baseline: str) -> None:
    shop.policy(lease_policy(required=False))
    done = shop.run("check", "shop", "--baseline", baseline, "--json", "v.json")
    said = "Leases are not required: refund keeps its mode at run time"
    assert said in " ".join(done.out.split())
    document = json.loads((shop.folder / "v.json").read_text("ascii"))
    assert document["lease_warning"].startswith(said)
    shop.policy(lease_policy())
    done = shop.run("check", "shop", "--baseline", baseline, "--json", "v.json")
    assert "Leases are not required" not in done.out
    assert json.loads((shop.folder / "v.json").read_text("ascii"))["lease_warning"] is None
