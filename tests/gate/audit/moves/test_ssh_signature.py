"""Signatures of OpenSSH: what `ssh-keygen` makes is read, what is made here it takes."""

from __future__ import annotations

import contextlib
import dataclasses
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_gate.audit.moves.ssh_signature import (
    SshSignatureError,
    fingerprint,
    is_signed,
    parse_ssh_signature,
    public_key_bytes,
)
from tests.gate.audit.moves.keys import Key

if TYPE_CHECKING:
    from pathlib import Path

KEY, OTHER = Key(), Key()
MESSAGE = b"a move\n"

needs_ssh = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs ssh-keygen")


def ssh(*arguments: str, folder: Path, given: bytes = b"") -> str:
    done = subprocess.run(
        ["ssh-keygen", *arguments], cwd=folder, input=given, capture_output=True, check=True
    )
    return done.stdout.decode()


@needs_ssh
@pytest.mark.parametrize("kind", [("ed25519",), ("ecdsa", "-b", "256"), ("rsa", "-b", "2048")])
def test_what_ssh_keygen_signs_holds(kind: tuple[str, ...], tmp_path: Path) -> None:
    ssh("-q", "-t", *kind, "-N", "", "-C", "mara@laptop", "-f", "key", folder=tmp_path)
    (tmp_path / "move").write_bytes(MESSAGE)
    ssh("-Y", "sign", "-n", "dialgate-move", "-f", "key", "move", folder=tmp_path)
    signature = parse_ssh_signature((tmp_path / "move.sig").read_text())
    line = (tmp_path / "key.pub").read_text()
    assert signature.key == public_key_bytes(line)
    assert is_signed(signature, MESSAGE, "dialgate-move")
    assert not is_signed(signature, MESSAGE + b" ", "dialgate-move")
    assert not is_signed(signature, MESSAGE, "file")
    shown = ssh("-l", "-f", "key.pub", folder=tmp_path)
    assert fingerprint(signature.key) in shown


@needs_ssh
def test_what_is_signed_here_ssh_keygen_takes(tmp_path: Path) -> None:
    (tmp_path / "signers").write_text(f"mara {KEY.line}\n")
    (tmp_path / "sig").write_text(KEY.sign(MESSAGE))
    more = ("-f", "signers", "-I", "mara", "-n", "dialgate-move", "-s", "sig")
    assert "Good" in ssh("-Y", "verify", *more, folder=tmp_path, given=MESSAGE)


def test_a_key_in_pem_is_the_same_key() -> None:
    assert public_key_bytes(KEY.pem) == public_key_bytes(KEY.line + " a comment") == KEY.public


def test_another_keys_signature_under_this_keys_name_is_none() -> None:
    theirs = parse_ssh_signature(OTHER.sign(MESSAGE))
    forged = parse_ssh_signature(KEY.sign(MESSAGE))
    forged = dataclasses.replace(forged, value=theirs.value)
    assert not is_signed(forged, MESSAGE, "dialgate-move")


@given(st.data())
def test_a_text_that_was_changed_anywhere_is_no_signature(data: st.DataObject) -> None:
    text = KEY.sign(MESSAGE)
    place = data.draw(st.integers(0, len(text) - 2))
    letter = data.draw(st.sampled_from("AZaz09+/=-\n"))
    changed = text[:place] + letter + text[place + 1 :]
    if changed.split() == text.split() or "".join(changed.split()) == "".join(text.split()):
        return
    with contextlib.suppress(SshSignatureError):
        signature = parse_ssh_signature(changed)
        is_same = signature == parse_ssh_signature(text)
        assert is_same or not is_signed(signature, MESSAGE, "dialgate-move")


@pytest.mark.parametrize("text", ["", "-----BEGIN SSH SIGNATURE-----", "x" * 100_000])
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(SshSignatureError):
        parse_ssh_signature(text)
