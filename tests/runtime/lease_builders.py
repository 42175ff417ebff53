"""Builders of signed leases, spelling out only what a test is about."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from dialgate_runtime.leases.envelope import PAYLOAD_TYPE, pre_authentication_encoding
from dialgate_runtime.leases.lease import PREDICATE_TYPE, STATEMENT_TYPE, Subject, written
from dialgate_runtime.leases.rules import LeaseRules, read_key

if TYPE_CHECKING:
    from pathlib import Path

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
OTHER = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
SUBJECT = Subject(suite="desk", release="sha256:" + "a" * 64, classes="sha256:" + "c" * 64)
NOON = 1_764_504_000.0
"""2025-11-30T12:00:00Z."""
HOUR = 3600.0


def pem(key: Ed25519PrivateKey = KEY) -> str:
    raw = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return raw.decode("ascii")


def rules(*keys: Ed25519PrivateKey, required: bool = True) -> LeaseRules:
    return LeaseRules(required=required, keys=dict(read_key(pem(key)) for key in keys or (KEY,)))


def statement(**over: Any) -> dict[str, Any]:
    """A lease of refund.small on the loop, from noon for an hour; `over` replaces keys."""
    release = {"name": "desk", "version": "1", "fingerprint": SUBJECT.release}
    predicate = {
        "schema": 1,
        "suite": SUBJECT.suite,
        "action_class": "refund.small",
        "mode": "on_the_loop",
        "classes": SUBJECT.classes,
        "release": release,
        "evidence": None,
        "ledger": None,
        "requirements": [],
        "readiness": "sha256:" + "0" * 64,
        "issued_at": written(NOON),
        "not_after": written(NOON + HOUR),
        "dialgate": "0",
        **over,
    }
    fingerprint = predicate["release"]["fingerprint"].removeprefix("sha256:")
    subject = {"name": predicate["release"]["name"], "digest": {"sha256": fingerprint}}
    return {
        "_type": STATEMENT_TYPE,
        "subject": [subject],
        "predicateType": PREDICATE_TYPE,
        "predicate": predicate,
    }


def envelope(payload: bytes, key: Ed25519PrivateKey = KEY, **over: Any) -> bytes:
    signature = key.sign(pre_authentication_encoding(PAYLOAD_TYPE, payload))
    document = {
        "payloadType": PAYLOAD_TYPE,
        "payload": base64.b64encode(payload).decode("ascii"),
        "signatures": [
            {"keyid": read_key(pem(key))[0], "sig": base64.b64encode(signature).decode("ascii")}
        ],
        **over,
    }
    return json.dumps(document).encode("ascii")


def lease(key: Ed25519PrivateKey = KEY, **over: Any) -> bytes:
    return envelope(json.dumps(statement(**over)).encode("utf-8"), key)


def put(folder: Path, raw: bytes, name: str = "refund.small.json") -> Path:
    """As `dialgate dial lease` does it: whole or not at all."""
    folder.mkdir(exist_ok=True)
    part = folder / f".{name}.part"
    part.write_bytes(raw)
    part.replace(folder / name)
    return folder / name
