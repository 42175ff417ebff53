"""Keys and signatures of people, made in this process."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from dialgate_gate.audit.moves.signed_moves import NAMESPACE
from dialgate_gate.audit.moves.ssh_signature import ssh_signature


@dataclass(frozen=True)
class Key:
    """An Ed25519 key."""

    private: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def line(self) -> str:
        raw = self.private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        return raw.decode()

    @property
    def pem(self) -> str:
        raw = self.private.public_key().public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        )
        return raw.decode()

    @property
    def public(self) -> bytes:
        return base64.b64decode(self.line.split()[1])

    def sign(self, message: bytes, namespace: str = NAMESPACE) -> str:
        return ssh_signature(message, namespace, self.public, self.private.sign)
