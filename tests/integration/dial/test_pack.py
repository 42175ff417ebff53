"""`dialgate pack`, and `dialgate verify` on it: what was touched shows."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.dial.packed_shop import LATER, PACK, Shop

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    shop = Shop(tmp_path_factory.mktemp("packed"))
    done = shop.run(*PACK, "--attestation", "a.json", "--verdict", "v.json")
    assert done.code == 0, done.out + done.err
    return shop


@pytest.fixture
def shop(packed: Shop, tmp_path: Path) -> Shop:
    """A copy of shop and pack that a test may spoil."""
    folder = shutil.copytree(packed.folder, tmp_path / "work")
    copy = Shop.__new__(Shop)
    copy.folder = folder
    return copy


def mapping(shop: Shop) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((shop.folder / "pack/mapping.json").read_text("ascii"))
    return found


def items(shop: Shop) -> dict[str, dict[str, Any]]:
    return {item["exhibit"]: item for item in mapping(shop)["items"]}


class TestWhatIsInIt:
    """Files as they are, summaries of the rest, and no reviewer's name."""

    def test_each_kind_of_evidence_that_is_there_is_found(self, packed: Shop) -> None:
        found = items(packed)
        for kind in ("ledger", "kill_switch", "verdict", "verdicts", "runs", "reviews", "canaries",
                     "owners", "watch", "release", "readiness"):  # fmt: skip
            assert found[kind]["holds"], found[kind]
        assert found["canaries"]["says"] == "1 planted, 0 let through."
        assert found["reviews"]["says"].startswith("60 events of 1 reviewer")
        assert "rollback" not in found

    def test_a_lease_of_another_day_is_in_it_and_does_not_count(self, packed: Shop) -> None:
        lease = items(packed)["lease"]
        assert not lease["holds"]
        assert "it doesn't count" in lease["says"]

    def test_no_reviewer_is_named_anywhere(self, packed: Shop) -> None:
        for path in (packed.folder / "pack").rglob("*"):
            if path.is_file():
                text = path.read_text("utf-8")
                assert "Ines" not in text, path
                assert "ines@desk.io" not in text, path

    def test_a_verdict_goes_in_with_its_digest_and_without_conversations(
        self, packed: Shop
    ) -> None:
        (path,) = [
            path
            for path in (packed.folder / "pack/verdicts").iterdir()
            if not path.name.endswith(".dsse.json")
        ]
        found = json.loads(path.read_text("ascii"))
        assert found["verdict"] == "pass"
        assert "explanations" not in found
        signed = items(packed)["verdict"]
        assert signed["says"].startswith("The verdict pass on release 2 at ")

    def test_the_same_evidence_makes_the_same_bytes(self, shop: Shop) -> None:
        before = (shop.folder / "pack/SHA256SUMS").read_bytes()
        done = shop.run(*PACK, "--attestation", "a.json", "--verdict", "v.json")
        assert done.code == 0, done.err
        assert (shop.folder / "pack/SHA256SUMS").read_bytes() == before
        assert [path.name for path in shop.folder.iterdir() if path.name.startswith(".pack")] == []

    def test_what_leaves_no_evidence_is_not_shown_and_never_claimed(self, shop: Shop) -> None:
        shutil.rmtree(shop.folder / "shop/drills")
        done = shop.run("pack", "shop", "--out", "bare", "--now", LATER)
        assert done.code == 0, done.err
        document = json.loads((shop.folder / "bare/mapping.json").read_text("ascii"))
        act = document["frameworks"][0]["requirements"]
        (stop,) = [item for item in act if item["place"] == "Article 14(4)(e)"]
        assert [item["path"] for item in stop["shown"]] == ["suite/runbook.toml"]
        assert stop["not_shown"] == [
            {"what": "a signed drill of the kill switch that held", "why": []}
        ]
        assert "people's decisions in production, as counts" in document["absent"]

    def test_nothing_claims_that_anything_is_met(self, packed: Shop) -> None:
        text = (packed.folder / "pack/index.html").read_text("utf-8").lower()
        for claim in ("complian", "conform", "certif", "fulfil", "satisf"):
            assert claim not in text

    def test_a_secret_in_a_file_that_would_be_handed_on_is_refused(self, shop: Shop) -> None:
        path = shop.folder / "shop/runbook.toml"
        key = "sk-" + "a1B2c3D4" * 4
        path.write_text(path.read_text("utf-8").replace('"stop"', f'"stop {key}"'), "utf-8")
        done = shop.run(*PACK)
        assert done.code == 2
        assert "suite/runbook.toml: line 9" in done.err
        assert key not in done.err

    def test_a_link_out_of_the_workspace_is_refused(self, shop: Shop, tmp_path: Path) -> None:
        (tmp_path / "secret.json").write_text("{}", "ascii")
        (shop.folder / "shop/drills/leak.json").symlink_to(tmp_path / "secret.json")
        done = shop.run(*PACK)
        assert done.code == 2
        assert "a link out of the workspace" in done.err

    def test_a_drill_whose_name_no_pack_can_hold_is_named(self, shop: Shop) -> None:
        (shop.folder / "shop/drills/a\nb.json").write_text("{}", "ascii")
        done = shop.run(*PACK)
        assert done.code == 2
        assert "drills/a\\nb.json" in done.err

    def test_evidence_that_can_t_be_read_is_shown_and_exit_4(self, shop: Shop) -> None:
        record = next((shop.folder / ".dialgate").glob("run-*"))
        with (record / "trials.parquet").open("ab") as file:
            file.write(b"x")
        (shop.folder / "shop/drills/rollback.json").write_text("{}", "ascii")
        done = shop.run(*PACK)
        assert done.code == 4, done.err
        found = mapping(shop)["items"]
        (broken,) = [item for item in found if record.name in item["says"]]
        assert not broken["holds"]
        assert items(shop)["rollback"]["says"] == "No signed drill that can be read."
        assert f"Can't be read: {record.name}" in done.out
        assert shop.verify().code == 0

    def test_a_broken_ledger_ends_it_before_anything_is_written(self, shop: Shop) -> None:
        overwrite(shop.folder / "shop/ledger.jsonl", b"Ada Adams", b"Eve Adams")
        done = shop.run("pack", "shop", "--out", "other")
        assert done.code == 4
        assert not (shop.folder / "other").exists()


class TestWhereItGoes:
    """Nothing is overwritten but a pack of its own files."""

    def test_a_folder_that_is_no_pack_is_refused(self, shop: Shop) -> None:
        (shop.folder / "notes").mkdir()
        (shop.folder / "notes/mine.txt").write_text("mine", "ascii")
        done = shop.run("pack", "shop", "--out", "notes")
        assert done.code == 2
        assert "is no pack" in done.err
        assert (shop.folder / "notes/mine.txt").read_text("ascii") == "mine"

    def test_a_pack_with_somebody_s_notes_in_it_is_left_alone(self, shop: Shop) -> None:
        (shop.folder / "pack/notes.txt").write_text("mine", "ascii")
        done = shop.run(*PACK)
        assert done.code == 2
        assert "holds what no pack wrote: notes.txt" in done.err

    def test_a_link_is_no_folder(self, shop: Shop) -> None:
        (shop.folder / "there").mkdir()
        (shop.folder / "linked").symlink_to(shop.folder / "there")
        assert shop.run("pack", "shop", "--out", "linked").code == 2
        assert list((shop.folder / "there").iterdir()) == []

    def test_the_suite_itself_is_no_place_for_it(self, shop: Shop) -> None:
        assert shop.run("pack", "shop", "--out", "shop").code == 2
        assert (shop.folder / "shop/policy.toml").is_file()


def overwrite(path: Path, old: bytes, new: bytes) -> None:
    raw = path.read_bytes()
    assert old in raw
    path.write_bytes(raw.replace(old, new, 1))


def add_link(pack: Path) -> None:
    (pack / "drills/more.json").symlink_to("/etc/hostname")


def swap_for_link(pack: Path) -> None:
    (pack / "runs.json").rename(pack.parent / "runs.json")
    (pack / "runs.json").symlink_to(pack.parent / "runs.json")


def swap_folder(pack: Path) -> None:
    (pack / "suite").rename(pack.parent / "elsewhere")
    (pack / "suite").symlink_to(pack.parent / "elsewhere")


def link_manifest(pack: Path) -> None:
    (pack / "manifest.json").unlink()
    (pack / "manifest.json").symlink_to("cases.json")


def grow(pack: Path) -> None:
    with (pack / "runs.json").open("r+b") as file:
        file.truncate(1 << 40)


ATTACKS: dict[str, tuple[Callable[[Path], object], str]] = {
    "a changed byte": (
        lambda pack: overwrite(pack / "suite/policy.toml", b"0.05", b"0.06"),
        "suite/policy.toml: found other bytes",
    ),
    "an added file": (
        lambda pack: (pack / "drills/x.json").write_text("{}", "ascii"),
        "drills/x.json: found a file that no manifest lists",
    ),
    "a name with a newline": (
        lambda pack: (pack / "a\nVERIFIED").write_text("", "ascii"),
        "a\\nVERIFIED: found a file that no manifest lists",
    ),
    "a removed file": (
        lambda pack: (pack / "drills/kill-switch.json").unlink(),
        "drills/kill-switch.json: found no such file",
    ),
    "a link out": (add_link, "drills/more.json: found a link that no manifest lists"),
    "a link in place of a file": (swap_for_link, "runs.json: found a link, which is not followed"),
    "a link in place of a folder": (swap_folder, "suite: found a link that no manifest lists"),
    "a huge file": (grow, "runs.json: found 1,099,511,627,776 bytes"),
    "a pipe": (
        lambda pack: os.mkfifo(pack / "pipe"),
        "pipe: found a device that no manifest lists",
    ),
    "other checksums": (
        lambda pack: overwrite(pack / "SHA256SUMS", b"  cases", b"  cAses"),
        "SHA256SUMS: found other checksums than the manifest's",
    ),
    "no checksums": (lambda pack: (pack / "SHA256SUMS").unlink(), "SHA256SUMS: found no such file"),
    "no manifest": (lambda pack: (pack / "manifest.json").unlink(), "manifest.json: found no such"),
    "a manifest that names a way out": (
        lambda pack: overwrite(pack / "manifest.json", b'"cases.json"', b'"../es.json"'),
        "manifest.json: found an entry that can't be one",
    ),
    "a manifest that is a link": (
        link_manifest,
        "manifest.json: found no plain file",
    ),
}


class TestAttacks:
    """Whatever was touched is named, with exit code 4."""

    @pytest.mark.parametrize("name", ATTACKS)
    def test_it_is_named(self, shop: Shop, name: str) -> None:
        attack, said = ATTACKS[name]
        attack(shop.folder / "pack")
        done = shop.verify()
        assert done.code == 4
        assert said in done.err.replace("\n    ", " ")

    def test_what_holds_says_so_and_whose_key_it_was(self, packed: Shop) -> None:
        done = packed.verify("--key", "key.pub")
        assert done.code == 0, done.err
        assert done.out.startswith("VERIFIED: ")
        assert "Signed by key" in done.out
        assert "get the key elsewhere" in packed.verify().out.replace("\n  ", " ")

    def test_what_says_nothing_of_a_pack_is_refused(self, packed: Shop) -> None:
        done = packed.verify("--suite", "shop", "--max-age", "3")
        assert done.code == 2
        assert "leave --suite and --max-age out" in done.err

    def test_a_stranger_s_key_is_named(self, shop: Shop) -> None:
        done = shop.verify("--key", "other.pub")
        assert done.code == 4
        assert "expected one by a key that was given" in done.err.replace("\n    ", " ")
        resealed = shop.run(*(word if word != "key.pem" else "other.pem" for word in PACK))
        assert resealed.code == 0, resealed.err
        for key in ((), ("--key", "key.pub")):
            done = shop.verify(*key)
            assert done.code == 4, key
            assert "manifest.dsse.json: found a signature of key" in done.err

    def test_a_signature_that_was_taken_away_is_missed(self, shop: Shop) -> None:
        pack = shop.folder / "pack"
        (pack / "manifest.dsse.json").unlink()
        lines = (pack / "SHA256SUMS").read_text("ascii").splitlines(keepends=True)
        kept = [line for line in lines if "manifest.dsse" not in line]
        (pack / "SHA256SUMS").write_text("".join(kept), "ascii")
        assert "Nobody signed it" in shop.verify().out
        done = shop.verify("--key", "key.pub")
        assert done.code == 4
        assert "found no signature" in done.err

    def test_a_page_that_says_more_than_the_files_is_found(self, shop: Shop) -> None:
        """Sealed anew by whoever has no key: digests hold, and still the page is another one."""
        pack = shop.folder / "pack"
        overwrite(pack / "index.html", b"doesn't count", b"counts for all")
        reseal(pack)
        done = shop.verify()
        assert done.code == 4
        assert "index.html: found another text than the pack's files make" in done.err

    def test_files_that_no_dialgate_writes_are_named_and_break_nothing(self, shop: Shop) -> None:
        pack = shop.folder / "pack"
        (pack / "runs.json").write_text('{"runs": [7]}', "ascii")
        reseal(pack)
        done = shop.verify()
        assert done.code == 4
        assert "what no dialgate writes" in done.err

    def test_every_file_that_was_touched_is_named_at_once(self, shop: Shop) -> None:
        for name in ("cases.json", "runs.json"):
            (shop.folder / "pack" / name).unlink()
        done = shop.verify("--json", "-")
        problems = done.verdict()["problems"]
        assert [text.split(":")[0] for text in problems[:2]] == ["cases.json", "runs.json"]

    def test_without_dialgate_sha256sum_says_the_same(self, shop: Shop) -> None:
        def checked() -> int:
            command = ["sha256sum", "-c", "--quiet", "SHA256SUMS"]
            done = subprocess.run(
                command, cwd=shop.folder / "pack", check=False, capture_output=True
            )
            return done.returncode

        assert checked() == 0
        overwrite(shop.folder / "pack/suite/policy.toml", b"0.05", b"0.06")
        assert checked() == 1


def reseal(pack: Path) -> None:
    """What somebody does who changed a file and has no key."""
    (pack / "manifest.dsse.json").unlink()
    manifest = json.loads((pack / "manifest.json").read_text("ascii"))
    for item in manifest["subject"]:
        raw = (pack / item["name"]).read_bytes()
        item["digest"]["sha256"] = hashlib.sha256(raw).hexdigest()
        manifest["predicate"]["bytes"][item["name"]] = len(raw)
    (pack / "manifest.json").write_text(json.dumps(manifest), "ascii")
    names = [item["name"] for item in manifest["subject"]] + ["manifest.json"]
    digests = {name: hashlib.sha256((pack / name).read_bytes()).hexdigest() for name in names}
    text = "".join(f"{digests[name]}  {name}\n" for name in sorted(digests))
    (pack / "SHA256SUMS").write_text(text, "ascii")
