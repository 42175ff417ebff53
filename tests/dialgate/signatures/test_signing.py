"""Keys and signatures: made by the library, understood by another one, never shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from securesystemslib.dsse import Envelope as ReferenceEnvelope
from securesystemslib.signer import SSlibKey  # type: ignore[attr-defined]  # it re-exports

from dialgate.signatures.keys import (
    KEY_VARIABLE,
    key_id,
    read_private_key,
    read_public_key,
    sign,
    signer_of,
    signing_key,
)
from dialgate_evals.errors import UsageError
from dialgate_gate.audit.dsse import Envelope, Signature

if TYPE_CHECKING:
    from pathlib import Path

ED25519: Any = ed25519.Ed25519PrivateKey.generate()
P256: Any = ec.generate_private_key(ec.SECP256R1())
OTHER: Any = ed25519.Ed25519PrivateKey.generate()
KINDS = pytest.mark.parametrize("key", [ED25519, P256], ids=["ed25519", "p256"])


def private_pem(key: Any, password: bytes | None = None) -> bytes:
    encryption = NoEncryption() if password is None else BestAvailableEncryption(password)
    pem: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
    return pem


def public_pem(key: Any) -> bytes:
    public = key.public_key()
    pem: bytes = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem


def known(*keys: Any) -> dict[str, Any]:
    return {key_id(key.public_key()): key.public_key() for key in keys}


@KINDS
def test_the_reference_library_verifies_what_was_signed(key: Any) -> None:
    envelope = sign(b'{"a": 1}', key)
    reference = ReferenceEnvelope.from_dict(envelope.as_json())
    public = SSlibKey.from_crypto(key.public_key(), keyid=envelope.signatures[0].keyid)
    assert list(reference.verify([public], 1)) == [public.keyid]


@KINDS
def test_a_signature_holds_for_its_key_and_its_bytes_only(key: Any) -> None:
    envelope = sign(b"payload", key)
    assert signer_of(envelope, known(OTHER, key)) == key_id(key.public_key())
    assert signer_of(envelope, known(OTHER)) is None
    for changed in (
        Envelope(**{**fields(envelope), "payload": b"Payload"}),
        Envelope(**{**fields(envelope), "payload_type": "text/plain"}),
        Envelope(**{**fields(envelope), "signatures": (renamed(envelope, "another"),)}),
    ):
        assert signer_of(changed, known(key)) is None


def fields(envelope: Envelope) -> dict[str, Any]:
    return {
        "payload_type": envelope.payload_type,
        "payload": envelope.payload,
        "signatures": envelope.signatures,
    }


def renamed(envelope: Envelope, keyid: str) -> Signature:
    return Signature(keyid=keyid, value=envelope.signatures[0].value)


def test_one_good_signature_among_others_is_enough_and_a_key_need_not_be_named() -> None:
    envelope = sign(b"payload", ED25519)
    broken = Signature(keyid="x", value=b"")
    several = (broken, *sign(b"payload", P256).signatures, renamed(envelope, ""))
    both = Envelope(**{**fields(envelope), "signatures": several})
    assert signer_of(both, known(ED25519)) == key_id(ED25519.public_key())
    assert signer_of(both, known(P256)) == key_id(P256.public_key())


@KINDS
def test_keys_are_read_from_pem(key: Any) -> None:
    assert read_private_key(private_pem(key), "k").public_key() == key.public_key()
    assert read_public_key(public_pem(key), "k") == key.public_key()


RSA: Any = rsa.generate_private_key(65537, 2048)
P384: Any = ec.generate_private_key(ec.SECP384R1())


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"not a key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        private_pem(RSA), private_pem(P384), private_pem(ED25519, b"secret"), public_pem(ED25519),
    ],
)  # fmt: skip
def test_what_is_no_usable_private_key_is_a_usage_error_that_shows_none_of_it(raw: bytes) -> None:
    with pytest.raises(UsageError) as caught:
        read_private_key(raw, "the key file")
    assert str(caught.value).startswith("the key file holds")
    assert not any(line in str(caught.value) for line in raw.decode().splitlines() if line)


@pytest.mark.parametrize("raw", [b"", b"x", public_pem(RSA), public_pem(P384), private_pem(P256)])
def test_what_is_no_usable_public_key_is_a_usage_error(raw: bytes) -> None:
    with pytest.raises(UsageError):
        read_public_key(raw, "the key file")


class TestWhereTheKeyComesFrom:
    """A file, else the environment; agents inherit the environment, so it leaves it."""

    @pytest.mark.parametrize("wanted", [True, False])
    def test_the_variable_is_taken_out(self, wanted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(KEY_VARIABLE, private_pem(ED25519).decode())
        key = signing_key(wanted=wanted, path=None)
        assert (key is not None) is wanted
        with pytest.raises(KeyError):
            monkeypatch.delenv(KEY_VARIABLE)

    def test_a_file_goes_first(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv(KEY_VARIABLE, private_pem(ED25519).decode())
        (tmp_path / "key").write_bytes(private_pem(P256))
        key = signing_key(wanted=True, path=tmp_path / "key")
        assert key is not None
        assert key.public_key() == P256.public_key()

    def test_neither_is_a_usage_error(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv(KEY_VARIABLE, raising=False)
        with pytest.raises(UsageError, match="openssl genpkey"):
            signing_key(wanted=True, path=None)

    def test_a_key_for_nothing_is_a_usage_error(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="--attest"):
            signing_key(wanted=False, path=tmp_path / "key")
