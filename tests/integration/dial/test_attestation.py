"""A verdict signed, verified, asked for by the dial; whatever was tampered with is refused."""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import hashlib
import io
import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from dialgate import cli
from tests.integration.check.outside import Tally
from tests.integration.command_line import PATHS, Finished, dialgate, dialgate_process
from tests.workspaces import POLICY, RecordedSuite, a_case, write_lines

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LADDER = """
[ladder.on_the_loop]
eval_success = 0.5
requires = ["attestation"]
[attestation]
keys = ['''
{key}''']
max_age_days = 7
"""


def openssl(*arguments: str, folder: Path) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def make_key(folder: Path, name: str) -> None:
    """A key pair by the commands of docs/how-to/sign-a-verdict.md."""
    openssl("genpkey", "-algorithm", "ed25519", "-out", f"{name}.pem", folder=folder)
    openssl("pkey", "-in", f"{name}.pem", "-pubout", "-out", f"{name}.pub", folder=folder)


def mail(case_id: str) -> dict[str, Any]:
    return {"name": "send_mail", "arguments": {"id": case_id}}


CHECK = ("check", "shop", "--baseline", "releases/1.toml")


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the suite `shop`, two key pairs and the signed verdict a.json, a pass."""
    folder = tmp_path_factory.mktemp("signed")
    make_key(folder, "release")
    make_key(folder, "other")
    suite = RecordedSuite(folder / "shop", refunds=40)
    ids = [f"mail-{index}" for index in range(40)]
    suite.case_ids += ids
    suite.cases += [a_case(case_id, [mail(case_id)]) for case_id in ids]
    suite.write_cases()
    for version in ("1", "2"):
        suite.record(version, {case_id: [mail(case_id)] for case_id in ids})
    suite.write("policy.toml", POLICY + LADDER.format(key=(folder / "release.pub").read_text()))
    done = dialgate(*CHECK, "--attest", "a.json", "--key", "release.pem", folder=folder)
    assert done.code == 0, done.out + done.err
    assert "Signed: a.json" in done.out
    return folder


@pytest.fixture
def shop(signed: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return shutil.copytree(signed, tmp_path / "work")


def here(shop: Path, *arguments: str) -> Finished:
    """The command line in this process: a start for each way of tampering would take long."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(shop), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = cli.run(list(arguments))
    return Finished(code, out.getvalue(), err.getvalue())


def verify(shop: Path, *more: str) -> Finished:
    return here(shop, "verify", "a.json", "--suite", "shop", *more)


def statement(path: Path) -> dict[str, Any]:
    payload = json.loads(path.read_text())["payload"]
    found: dict[str, Any] = json.loads(base64.b64decode(payload))
    return found


def test_a_signed_verdict_holds_for_its_release_suite_and_policy(shop: Path) -> None:
    done = verify(shop, "--json", "-")
    found = done.verdict()
    assert (done.code, found["verified"], found["verdict"]) == (0, True, "pass")
    said = statement(shop / "a.json")
    assert said["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1"
    assert said["predicate"]["result"] == "PASSED"
    assert said["predicate"]["dialgate"]["baseline"]["version"] == "1"
    assert "VERIFIED: the verdict on shop-agent 2 is pass." in done.err
    assert all(len(line) <= 80 for line in done.err.splitlines())


def test_the_key_is_named_by_the_digest_that_openssl_gives(shop: Path) -> None:
    openssl("pkey", "-pubin", "-in", "release.pub", "-outform", "DER", "-out", "k", folder=shop)
    (signature,) = json.loads((shop / "a.json").read_text())["signatures"]
    assert signature["keyid"] == hashlib.sha256((shop / "k").read_bytes()).hexdigest()


def test_a_verdict_that_fails_is_signed_as_what_it_is(shop: Path) -> None:
    suite = RecordedSuite(shop / "bad", refunds=40)
    suite.record("2", {f"refund-{index:03d}": [] for index in range(30)})
    key = (shop / "release.pem").read_text()
    command = ("check", "bad", "--baseline", "releases/1.toml", "--attest", "f.json")
    done = dialgate(*command, folder=shop, DIALGATE_SIGNING_KEY=key)
    assert done.code == 1
    predicate = statement(shop / "f.json")["predicate"]
    assert (predicate["result"], predicate["failedTests"]) == ("FAILED", ["refund"])
    checked = dialgate("verify", "f.json", "--suite", "bad", "--key", "release.pub", folder=shop)
    assert checked.code == 1
    assert "is fail" in checked.out


def test_without_a_suite_the_one_that_the_attestation_names_is_found(shop: Path) -> None:
    shutil.move(shop / "shop", shop / "suites" / "renamed-folder")
    assert dialgate("verify", "a.json", folder=shop).code == 0
    shutil.copytree(shop / "suites" / "renamed-folder", shop / "suites" / "again")
    twice = dialgate("verify", "a.json", folder=shop)
    assert (twice.code, "--suite SUITE" in twice.err) == (2, True)


class TestTampering:
    """Each is refused with exit code 4 and its reason."""

    def test_a_changed_payload(self, shop: Path) -> None:
        spoil(shop, payload=lambda text: text.replace('"PASSED"', '"FAILED"'))
        done = verify(shop)
        assert done.code == 4
        assert "it was changed after it was signed" in " ".join(done.err.split())
        assert "FAILED for the verdict pass" in done.err

    def test_a_changed_signature(self, shop: Path) -> None:
        spoil(shop, sig=lambda raw: bytes([raw[0] ^ 1]) + raw[1:])
        assert_refused(verify(shop), "it was changed after it was signed")

    def test_a_changed_keyid(self, shop: Path) -> None:
        spoil(shop, keyid="f" * 64)
        assert_refused(verify(shop), "signatures of key ffffffffffffffff")

    def test_a_changed_payload_type(self, shop: Path) -> None:
        document = json.loads((shop / "a.json").read_text())
        (shop / "a.json").write_text(json.dumps({**document, "payloadType": "text/plain"}))
        assert_refused(verify(shop), "/payloadType")

    def test_another_signer(self, shop: Path) -> None:
        assert_refused(verify(shop, "--key", "other.pub"), "signatures of key")

    def test_another_release(self, shop: Path) -> None:
        assert_refused(verify(shop, "--release", "releases/1.toml"), 'release "2"')
        (shop / "shop/prompts/system.md").write_text("Refund everything.\n")
        assert_refused(verify(shop), "which differs in prompts; expected one on")

    def test_another_policy(self, shop: Path) -> None:
        path = shop / "shop/policy.toml"
        path.write_text(path.read_text().replace("margin = 0.10", "margin = 0.50"))
        assert_refused(verify(shop), "differs in policy.toml")

    def test_other_cases(self, shop: Path) -> None:
        path = shop / "shop/cases.jsonl"
        path.write_text("".join(path.read_text().splitlines(keepends=True)[1:]))
        assert_refused(verify(shop), "differs in cases")

    def test_an_old_verdict(self, shop: Path) -> None:
        late = dt.datetime.now(dt.UTC) + dt.timedelta(days=9)
        now = ("--now", f"{late:%Y-%m-%d}")
        assert_refused(verify(shop, *now), "days ago; expected at most 7 days")
        assert verify(shop, *now, "--max-age", "20").code == 0

    def test_everything_at_once(self, shop: Path) -> None:
        spoil(shop, keyid="f" * 64)
        (shop / "shop/prompts/system.md").write_text("Refund everything.\n")
        found = verify(shop, "--json", "-", "--now", "2020-01-01")
        assert len(found.verdict()["problems"]) == 3

    @pytest.mark.parametrize(
        "text",
        [
            "", "{", "[]", '{"payload": 1}',
            '{"payloadType": "\\ud800", "payload": "\\ud800", "signatures": [{"sig": "\\ud800"}]}',
        ],
    )  # fmt: skip
    def test_what_is_no_envelope(self, text: str, shop: Path) -> None:
        (shop / "a.json").write_text(text)
        assert verify(shop).code == 4


def assert_refused(done: Finished, words: str) -> None:
    assert done.code == 4, done.out + done.err
    assert done.err.startswith("REFUSED: 1 reason.")
    assert words in " ".join(done.err.split())


def spoil(
    shop: Path,
    *,
    payload: Callable[[str], str] | None = None,
    sig: Callable[[bytes], bytes] | None = None,
    keyid: str | None = None,
) -> None:
    """Changes a.json, but keeps it an envelope."""
    document = json.loads((shop / "a.json").read_text())
    (signature,) = document["signatures"]
    if payload is not None:
        text = payload(base64.b64decode(document["payload"]).decode())
        document["payload"] = base64.b64encode(text.encode()).decode()
    if sig is not None:
        signature["sig"] = base64.b64encode(sig(base64.b64decode(signature["sig"]))).decode()
    if keyid is not None:
        signature["keyid"] = keyid
    (shop / "a.json").write_text(json.dumps(document))


class TestTheDialAsksForIt:
    """`requires = ["attestation"]`: the recommendation and the move both verify it."""

    def recommend(self, shop: Path, *more: str) -> dict[str, Any]:
        done = dialgate("dial", "recommend", "shop", *more, "--json", "r.json", folder=shop)
        assert done.code == 0, done.err
        document = json.loads((shop / "r.json").read_text())
        found: dict[str, Any] = next(
            item for item in document["graduation"] if item["action_class"] == "mail"
        )
        return found

    def move(self, shop: Path, *more: str) -> Finished:
        who = ("--by", "Ada", "--evidence", "r.json")
        return dialgate("dial", "set", "shop", "mail", "on_the_loop", *who, *more, folder=shop)

    def test_with_it_the_class_is_promoted_and_the_ledger_names_it(self, shop: Path) -> None:
        found = self.recommend(shop, "--attestation", "a.json")
        assert found["move"] == "promote"
        assert "was signed by key" in found["readiness"][0]["detail"]
        assert self.move(shop, "--attestation", "a.json").code == 0
        (line,) = (shop / "shop/ledger.jsonl").read_text().splitlines()
        assert json.loads(line)["attestation"].startswith("sha256:")
        assert dialgate("dial", "verify", "shop", folder=shop).code == 0
        edited = json.dumps({**json.loads(line), "attestation": "sha256:" + "0" * 64})
        (shop / "shop/ledger.jsonl").write_text(edited + "\n")
        refused = dialgate("dial", "verify", "shop", folder=shop)
        assert (refused.code, "not what was sealed" in refused.err) == (4, True)

    def test_without_it_the_class_holds_and_is_not_moved(self, shop: Path) -> None:
        assert "--attestation FILE" in self.recommend(shop)["missing"][0]
        self.recommend(shop, "--attestation", "a.json")
        done = self.move(shop)
        assert (done.code, "on_the_loop asks for a signed verdict" in done.err) == (1, True)
        assert self.move(shop, "--override", "the pilot").code == 0

    def test_a_tampered_one_moves_nothing_whatever_the_override(self, shop: Path) -> None:
        self.recommend(shop, "--attestation", "a.json")
        spoil(shop, payload=lambda text: text.replace('"version": "2"', '"version": "3"'))
        assert "doesn't hold" in self.recommend(shop, "--attestation", "a.json")["missing"][0]
        done = self.move(shop, "--attestation", "a.json", "--override", "I insist")
        assert (done.code, "changed after it was signed" in done.err) == (4, True)
        assert (shop / "shop/ledger.jsonl").read_bytes() == b""

    def test_one_that_passes_is_asked_for(self, shop: Path) -> None:
        broken = [{"case_id": f"mail-{index}", "trial": 0, "messages": []} for index in range(40)]
        write_lines(shop / "shop/transcripts/2.jsonl", broken)
        done = dialgate(*CHECK, "--attest", "a.json", "--key", "release.pem", folder=shop)
        assert done.code != 0
        shortfall = self.recommend(shop, "--attestation", "a.json")["missing"]
        assert any("a promotion asks for one that passes" in text for text in shortfall)

    def test_an_edited_recommendation_is_refused(self, shop: Path) -> None:
        self.recommend(shop)
        text = (shop / "r.json").read_text()
        (shop / "r.json").write_text(text.replace('"hold"', '"promote"'))
        done = self.move(shop, "--attestation", "a.json")
        assert (done.code, "it was edited" in done.err) == (4, True)


class TestKeys:
    """Keys are looked at before an agent is called, and are written nowhere."""

    @pytest.mark.parametrize(
        ("more", "words"),
        [
            (("--attest", "b.json"), "--key FILE"),
            (("--attest", "b.json", "--key", "absent.pem"), "No such file"),
            (("--attest", "b.json", "--key", "release.pub"), "no private key"),
            (("--attest", "absent/b.json", "--key", "release.pem"), "no folder absent"),
            (("--attest", "-", "--key", "release.pem"), "a file to write"),
            (("--key", "release.pem"), "--attest F"),
            (("--attest", "b.json", "--key", "release.pem", "--if-changed"), "what was run"),
        ],
    )
    def test_without_a_usable_key_and_a_place_nothing_is_run(
        self, more: tuple[str, ...], words: str, shop: Path
    ) -> None:
        done = here(shop, *CHECK, "--out", "new", *more)
        assert (done.code, words in done.err) == (2, True), done.err
        assert not (shop / "new").exists()

    @pytest.mark.parametrize("command", ["check", "run"])
    def test_the_key_reaches_neither_records_nor_agents(self, command: str, shop: Path) -> None:
        folder = shop / "live"
        dialgate("init", "live", folder=shop)
        agent = next((folder / "suites/my-agent").rglob("*agent*.py"))
        key = (shop / "release.pem").read_text()
        more = ("--attest", "a.json") if command == "check" else ()
        tally = Tally()
        with tally.open() as ask:
            spy = f"\n{ask}\nimport os\nask(repr(dict(os.environ)))\n"
            agent.write_text(agent.read_text() + spy)
            done = dialgate(
                command, "suites/my-agent", *more, folder=folder, DIALGATE_SIGNING_KEY=key
            )
        assert done.code == 0, done.err
        secret = key.splitlines()[1]
        seen = [path for path in folder.rglob("*") if path.is_file()]
        assert tally.counts
        assert not [said for said in tally.counts if secret in said or "SIGNING" in said]
        assert not [path for path in seen if secret.encode() in path.read_bytes()]
        assert secret not in done.out + done.err

    @pytest.mark.parametrize(
        "command",
        [
            (*CHECK, "--attest", "b.json", "--key", "release.pem"),
            ("verify", "a.json", "--suite", "shop"),
        ],
    )
    def test_without_the_extra_it_is_said_what_to_install(
        self, command: tuple[str, ...], shop: Path
    ) -> None:
        fake = shop / "fake" / "cryptography"
        fake.mkdir(parents=True)
        (fake / "__init__.py").write_text("raise ImportError\n")
        done = dialgate_process(*command, folder=shop, PYTHONPATH=f"{fake.parent}:{PATHS}")
        assert (done.code, "dialgate[sign]" in done.err) == (2, True)

    def test_a_key_is_turned_over_without_a_gap_and_revoked_at_once(self, shop: Path) -> None:
        assert verify(shop, "--key", "other.pub", "--key", "release.pub").code == 0
        assert verify(shop, "--key", "other.pub").code == 4

    def test_a_policy_without_keys_lets_nobody_sign(self, shop: Path) -> None:
        policy = shop / "shop/policy.toml"
        policy.write_text(policy.read_text().split("[attestation]")[0])
        done = verify(shop)
        assert (done.code, "names no key" in done.err) == (2, True)
        linted = dialgate("lint", "shop", folder=shop)
        assert (linted.code, "no [attestation] keys" in linted.out + linted.err) == (2, True)
