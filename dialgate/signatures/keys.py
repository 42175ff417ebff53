"""Keys and signatures, by the `cryptography` package: Ed25519, and ECDSA on P-256 with SHA-256.

Knows PEM and OpenSSH texts and envelopes; no cryptography is made here, and no key is ever written
or shown. Leaves what is signed to `dialgate_gate.audit.attestation`.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Any

from dialgate_evals.errors import UsageError
from dialgate_gate.audit.dsse import PAYLOAD_TYPE, Envelope, Signature, pre_authentication_encoding

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric import ec, ed25519

    PrivateKey = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey
    PublicKey = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey

KEY_VARIABLE = "DIALGATE_SIGNING_KEY"
"""Environment variable that may hold the private key as PEM text."""

_ADVICE = "Make one: openssl genpkey -algorithm ed25519 -out signing-key.pem"
_KINDS = "an Ed25519 or ECDSA P-256 key in PEM"
_MOST_BYTES = 64 * 1024


def signing_key(*, wanted: bool, path: Path | None) -> PrivateKey | None:
    """The private key of the file, else of the environment; None where none is wanted.

    It is taken out of the environment in any case: agents inherit that, and none of them has
    business with the key. Raises UsageError, which names no part of it.
    """
    text = os.environ.pop(KEY_VARIABLE, None)
    if not wanted:
        if path is not None:
            raise UsageError("--key is for signing: name the file to write, --attest F.")
        return None
    place = KEY_VARIABLE if path is None else str(path)
    raw = None if text is None else text.encode("utf-8", "surrogateescape")
    if path is not None:
        raw = _read(path)
    if raw is None:
        raise UsageError(f"Signing needs a key: --key FILE, or {KEY_VARIABLE} as PEM. {_ADVICE}")
    return read_private_key(raw, place)


def read_private_key(raw: bytes, place: str) -> PrivateKey:
    """The key of a PEM text. Raises UsageError where it is none that can be used."""
    _require()
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - an extra
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - an extra
        load_pem_private_key,
        load_ssh_private_key,
    )

    load = load_ssh_private_key if b"OPENSSH PRIVATE KEY" in raw else load_pem_private_key
    try:
        key = load(raw, password=None)
    except TypeError:
        raise UsageError(f"{place} holds an encrypted key; expected {_KINDS}, as it is.") from None
    except (ValueError, UnsupportedAlgorithm):
        raise UsageError(f"{place} holds no private key; expected {_KINDS}. {_ADVICE}") from None
    if not _is_known(key):
        raise UsageError(f"{place} holds another kind of key; expected {_KINDS}. {_ADVICE}")
    return key  # type: ignore[return-value]  # _is_known says so


def read_public_key(raw: bytes, place: str) -> PublicKey:
    """The public key of a PEM text. Raises UsageError where it is none that can be used."""
    _require()
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - an extra
    from cryptography.hazmat.primitives.serialization import load_pem_public_key  # noqa: PLC0415 - an extra

    if b"PRIVATE KEY" in raw:
        raise UsageError(
            f"{place} holds a private key; expected a public one. "
            "Take it from the key: openssl pkey -in signing-key.pem -pubout"
        )
    from cryptography.hazmat.primitives.serialization import load_ssh_public_key  # noqa: PLC0415 - an extra

    load = load_ssh_public_key if raw.startswith((b"ssh-", b"ecdsa-")) else load_pem_public_key
    try:
        key = load(raw)
    except (ValueError, UnsupportedAlgorithm):
        raise UsageError(f"{place} holds no public key; expected {_KINDS}.") from None
    if not _is_known(key):
        raise UsageError(f"{place} holds another kind of key; expected {_KINDS}.")
    return key  # type: ignore[return-value]  # _is_known says so


def read_public_key_file(path: Path) -> PublicKey:
    """The public key of a PEM file. Raises UsageError."""
    return read_public_key(_read(path), str(path))


def key_id(key: PublicKey) -> str:
    """SHA-256 of the key's SubjectPublicKeyInfo in DER, in hex."""
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - an extra
        Encoding,
        PublicFormat,
    )

    return hashlib.sha256(
        key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    ).hexdigest()


def sign(payload: bytes, key: PrivateKey) -> Envelope:
    """The payload in an envelope, signed with the key."""
    from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415 - an extra

    signed = pre_authentication_encoding(PAYLOAD_TYPE, payload)
    value = (
        key.sign(signed)
        if isinstance(key, ed25519.Ed25519PrivateKey)
        else key.sign(signed, _ecdsa())
    )
    signature = Signature(keyid=key_id(key.public_key()), value=value)
    return Envelope(payload_type=PAYLOAD_TYPE, payload=payload, signatures=(signature,))


def signer_of(envelope: Envelope, keys: Mapping[str, PublicKey]) -> str | None:
    """The id of the first of these keys that signed the envelope; None: none of them did.

    A signature that names a key is tried with that key only; one that names none, with each.
    """
    for signature in envelope.signatures:
        for name, key in keys.items():
            if signature.keyid in {"", name} and _is_signed(envelope, signature.value, key):
                return name
    return None


def _is_signed(envelope: Envelope, signature: bytes, key: PublicKey) -> bool:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - an extra
    from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415 - an extra

    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, envelope.signed_bytes)
        else:
            key.verify(signature, envelope.signed_bytes, _ecdsa())
    except InvalidSignature:
        return False
    return True


def _ecdsa() -> ec.ECDSA:
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 - an extra
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - an extra

    return ec.ECDSA(SHA256())


def _is_known(key: Any) -> bool:  # noqa: ANN401 - any key that a PEM text can hold
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519  # noqa: PLC0415 - an extra

    if isinstance(key, ed25519.Ed25519PrivateKey | ed25519.Ed25519PublicKey):
        return True
    on_curve = isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey)
    return on_curve and isinstance(key.curve, ec.SECP256R1)


def _require() -> None:
    try:
        import cryptography  # noqa: F401, PLC0415 - an extra
    except ImportError:
        raise UsageError(
            "Signatures need the package cryptography: pip install 'dialgate[sign]'."
        ) from None


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_MOST_BYTES)
    except OSError as error:
        raise UsageError(f"The key {path} can't be read: {error.strerror}.") from None
