"""DSSE envelopes: what is signed, and how signed bytes and their signatures are written.

Follows the Dead Simple Signing Envelope, version 1 (protocol.md and envelope.md); which bytes are
signed is the runtime's, which reads such envelopes too. Pure; leaves keys and signatures themselves
to `dialgate.signatures.keys`.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.file_reading import json_pointer
from dialgate_evals.files.problems import Problem, show_value
from dialgate_evals.files.schema_validation import check_document
from dialgate_runtime.leases.envelope import PAYLOAD_TYPE, pre_authentication_encoding

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "PAYLOAD_TYPE", "Envelope", "Signature", "parse_envelope", "pre_authentication_encoding",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One signature of an envelope."""

    keyid: str
    # which key made it, a hint; empty: it doesn't say
    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Signed bytes, what they are, and who signed them."""

    payload_type: str
    payload: bytes
    signatures: tuple[Signature, ...]

    @property
    def signed_bytes(self) -> bytes:
        """What each signature is over."""
        return pre_authentication_encoding(self.payload_type, self.payload)

    def as_json(self) -> dict[str, Any]:
        """The envelope as a file holds it."""
        return {
            "payloadType": self.payload_type,
            "payload": _encode(self.payload),
            "signatures": [
                {"keyid": item.keyid, "sig": _encode(item.value)} for item in self.signatures
            ],
        }


def parse_envelope(document: object, file: str) -> tuple[Envelope | None, list[Problem]]:
    """The envelope of a JSON document, or None; with every problem."""
    problems = check_document(document, "envelope", file, json_pointer)
    if problems or not isinstance(document, dict):
        return None, problems
    if document["payloadType"] != PAYLOAD_TYPE:
        found = show_value(document["payloadType"])
        expected = f'"{PAYLOAD_TYPE}"'
        return None, [Problem(file=file, place="/payloadType", found=found, expected=expected)]
    payload = _decode(document["payload"], "/payload", file, problems)
    signatures = [
        _signature(item, f"/signatures/{index}/sig", file, problems)
        for index, item in enumerate(document["signatures"])
    ]
    if payload is None or any(item is None for item in signatures):
        return None, problems
    envelope = Envelope(
        payload_type=PAYLOAD_TYPE,
        payload=payload,
        signatures=tuple(item for item in signatures if item is not None),
    )
    return envelope, problems


def _signature(
    document: Mapping[str, Any], place: str, file: str, problems: list[Problem]
) -> Signature | None:
    value = _decode(document["sig"], place, file, problems)
    return None if value is None else Signature(keyid=document.get("keyid", ""), value=value)


def _encode(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _decode(text: str, place: str, file: str, problems: list[Problem]) -> bytes | None:
    """The bytes of base64, standard or URL-safe: both are allowed."""
    try:
        return base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        problems.append(Problem(file=file, place=place, found="text", expected="base64"))
        return None
