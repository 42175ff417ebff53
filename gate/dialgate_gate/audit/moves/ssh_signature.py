"""Signatures as `ssh-keygen -Y sign` makes them (OpenSSH PROTOCOL.sshsig): Ed25519, ECDSA, RSA.

Knows the format and asks `cryptography` whether one holds; no cryptography is made here. Leaves
whose key it is to `signed_moves`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate_evals.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

_MAGIC = b"SSHSIG"
_BEGIN, _END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
_HASHES = {b"sha256": hashlib.sha256, b"sha512": hashlib.sha512}
_MOST_BYTES = 16 * 1024
_LEAST_RSA_BITS = 2048
_HARDWARE_KEY = b"sk-ssh-ed25519@openssh.com"
_TOUCHED = 1
"""Flag of a hardware key: a person touched it."""


class SshSignatureError(ValueError):
    """The text is no signature, or one of a kind that isn't read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SshSignature:
    """One signature, taken apart."""

    key: bytes
    # the public key that says it made it, as OpenSSH writes it
    namespace: str
    reserved: bytes
    hash_name: bytes
    kind: bytes
    value: bytes
    rest: bytes
    # flags and counter of a hardware key; empty for others

    def signed_bytes(self, message: bytes) -> bytes:
        """What the signature is over."""
        digest = _HASHES[self.hash_name](message).digest()
        parts = (self.namespace.encode(), self.reserved, self.hash_name, digest)
        return _MAGIC + b"".join(_packed(part) for part in parts)


def parse_ssh_signature(text: str) -> SshSignature:
    """The signature of an armored text. Raises SshSignatureError."""
    body = text.strip()
    if not body.startswith(_BEGIN) or not body.endswith(_END) or len(body) > _MOST_BYTES:
        raise SshSignatureError("no SSH signature")
    try:
        raw = base64.b64decode("".join(body[len(_BEGIN) : -len(_END)].split()), validate=True)
    except binascii.Error:
        raise SshSignatureError("no SSH signature") from None
    if raw[:6] != _MAGIC or raw[6:10] != (1).to_bytes(4, "big"):
        raise SshSignatureError("an SSH signature of another version")
    reader = _Reader(raw[10:])
    key, namespace, reserved, hash_name, signature = (reader.take() for _ in range(5))
    if reader.rest:
        raise SshSignatureError("an SSH signature with more behind it")
    inner = _Reader(signature)
    kind, value = inner.take(), inner.take()
    if hash_name not in _HASHES:
        raise SshSignatureError(f"an SSH signature over the hash {hash_name!r}")
    return SshSignature(
        key=key,
        namespace=namespace.decode("utf-8", "replace"),
        reserved=reserved,
        hash_name=hash_name,
        kind=kind,
        value=value,
        rest=inner.rest,
    )


def is_signed(signature: SshSignature, message: bytes, namespace: str) -> bool:
    """Whether the signature's own key made it over this message in this namespace.

    Raises UsageError without the package `cryptography`.
    """
    if signature.namespace != namespace:
        return False
    _require()
    signed = signature.signed_bytes(message)
    try:
        if signature.kind == _HARDWARE_KEY:
            return _is_signed_by_hardware(signature, signed)
        return not signature.rest and _is_signed_by_software(signature, signed)
    except (SshSignatureError, ValueError):
        return False


def ssh_signature(
    message: bytes, namespace: str, key: bytes, sign: Callable[[bytes], bytes]
) -> str:
    """An armored Ed25519 signature; `key` is the public key as OpenSSH writes it."""
    made = SshSignature(
        key=key, namespace=namespace, reserved=b"", hash_name=b"sha512", kind=b"ssh-ed25519",
        value=b"", rest=b"",
    )  # fmt: skip
    value = sign(made.signed_bytes(message))
    signature = _packed(made.kind) + _packed(value)
    parts = (key, namespace.encode(), b"", made.hash_name, signature)
    raw = _MAGIC + (1).to_bytes(4, "big") + b"".join(_packed(part) for part in parts)
    lines = textwrap.wrap(base64.b64encode(raw).decode("ascii"), 70)
    return "\n".join([_BEGIN, *lines, _END, ""])


def public_key_bytes(text: str) -> bytes:
    """The key of an OpenSSH line or a PEM, as OpenSSH writes it. Raises SshSignatureError."""
    if "-----BEGIN" not in text:
        words = text.split()
        try:
            return base64.b64decode(words[1], validate=True)
        except (IndexError, binascii.Error):
            raise SshSignatureError("no public key of OpenSSH") from None
    _require()
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - an extra
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - an extra
        Encoding,
        PublicFormat,
        load_pem_public_key,
    )

    try:
        key = load_pem_public_key(text.encode("utf-8"))
        line = key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    except (ValueError, UnsupportedAlgorithm):
        raise SshSignatureError("no public key in PEM") from None
    return base64.b64decode(line.split()[1])


def fingerprint(key: bytes) -> str:
    """As `ssh-keygen -l` shows it."""
    digest = hashlib.sha256(key).digest()
    return "SHA256:" + base64.b64encode(digest).decode("ascii").rstrip("=")


def _is_signed_by_software(signature: SshSignature, signed: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm  # noqa: PLC0415 - an extra
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - an extra
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa  # noqa: PLC0415 - an extra
    from cryptography.hazmat.primitives.serialization import load_ssh_public_key  # noqa: PLC0415 - an extra

    name = _Reader(signature.key).take()
    line = name + b" " + base64.b64encode(signature.key)
    try:
        key = load_ssh_public_key(line)
        match key:
            case ed25519.Ed25519PublicKey() if signature.kind == b"ssh-ed25519":
                key.verify(signature.value, signed)
            case ec.EllipticCurvePublicKey() if signature.kind == b"ecdsa-sha2-nistp256":
                key.verify(_der(signature.value), signed, ec.ECDSA(hashes.SHA256()))
            case rsa.RSAPublicKey() if signature.kind in _RSA and key.key_size >= _LEAST_RSA_BITS:
                digest = getattr(hashes, _RSA[signature.kind])()
                key.verify(signature.value, signed, padding.PKCS1v15(), digest)
            case _:
                return False
    except (InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


_RSA = {b"rsa-sha2-512": "SHA512", b"rsa-sha2-256": "SHA256"}


def _is_signed_by_hardware(signature: SshSignature, signed: bytes) -> bool:
    """A key in a device: it signs what it was asked, with its flags and counter."""
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - an extra
    from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415 - an extra

    reader = _Reader(signature.key)
    kind, key, application = (reader.take() for _ in range(3))
    is_touched = len(signature.rest) == 5 and bool(signature.rest[0] & _TOUCHED)
    if kind != _HARDWARE_KEY or reader.rest or not is_touched:
        return False
    over = hashlib.sha256(application).digest() + signature.rest + hashlib.sha256(signed).digest()
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(key).verify(signature.value, over)
    except InvalidSignature:
        return False
    return True


def _der(value: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature  # noqa: PLC0415 - an extra

    reader = _Reader(value)
    first, second = (int.from_bytes(reader.take(), "big") for _ in range(2))
    return encode_dss_signature(first, second)


class _Reader:
    """Texts with their length before them, one after the other."""

    def __init__(self, raw: bytes) -> None:
        self.rest = raw

    def take(self) -> bytes:
        length = int.from_bytes(self.rest[:4], "big")
        if len(self.rest) < 4 + length or len(self.rest) < 4:
            raise SshSignatureError("an SSH signature that was cut short")
        found, self.rest = self.rest[4 : 4 + length], self.rest[4 + length :]
        return found


def _packed(raw: bytes) -> bytes:
    return len(raw).to_bytes(4, "big") + raw


def _require() -> None:
    try:
        import cryptography  # noqa: F401, PLC0415 - an extra
    except ImportError:
        raise UsageError(
            "Signatures need the package cryptography: pip install 'dialgate[sign]'."
        ) from None
