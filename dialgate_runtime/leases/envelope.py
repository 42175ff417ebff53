"""DSSE envelopes as a runtime reads them: the signed bytes, and who of the known keys signed.

The Dead Simple Signing Envelope, version 1. Leaves which keys count to `leases.rules`.
"""

from __future__ import annotations

import binascii

from dialgate_runtime.leases.ed25519 import verify

TYPE_CHECKING = False  # the name alone, without `typing`
if TYPE_CHECKING:
    from collections.abc import Mapping

PAYLOAD_TYPE = "application/vnd.in-toto+json"
"""The payload is JSON with a `_type` (in-toto attestation framework, envelope layer)."""
_MOST_SIGNATURES = 16
"""More are refused unread: each costs milliseconds."""


class EnvelopeError(ValueError):
    """What keeps a document from being an envelope that a known key signed."""


def pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    """The bytes that are signed: type and payload with their lengths, so that neither can shift.

    Source: DSSE protocol, version 1, "PAE".

    >>> pre_authentication_encoding("http://example.com/HelloWorld", b"hello world")
    b'DSSEv1 29 http://example.com/HelloWorld 11 hello world'
    """
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def signed_payload(document: object, keys: Mapping[str, bytes]) -> tuple[bytes, str]:
    """The payload and the id of the first of these keys (id to 32 bytes) that signed it.

    A signature that names a key is tried with that key only; one that names none, with each.
    Raises EnvelopeError.
    """
    payload, signatures = _parts(document)
    signed = pre_authentication_encoding(PAYLOAD_TYPE, payload)
    named = []
    for keyid, value in signatures:
        for name, key in keys.items():
            if keyid in {"", name} and verify(key, signed, value):
                return payload, name
        named.append(keyid[:16] or "no name")
    raise EnvelopeError(f"no signature of a key that counts (signed by {', '.join(named)})")


def _parts(document: object) -> tuple[bytes, list[tuple[str, bytes]]]:
    keys = {"payloadType", "payload", "signatures"}
    if not isinstance(document, dict) or set(document) != keys:
        raise EnvelopeError("no envelope of payloadType, payload and signatures")
    if document["payloadType"] != PAYLOAD_TYPE:
        raise EnvelopeError(f"a payload of another type than {PAYLOAD_TYPE}")
    listed = document["signatures"]
    if not isinstance(listed, list) or not 1 <= len(listed) <= _MOST_SIGNATURES:
        raise EnvelopeError(f"no list of 1 to {_MOST_SIGNATURES} signatures")
    return _decoded(document["payload"]), [_signature(item) for item in listed]


def _signature(item: object) -> tuple[str, bytes]:
    if not isinstance(item, dict) or not {"sig"} <= set(item) <= {"sig", "keyid"}:
        raise EnvelopeError("a signature that is none")
    keyid = item.get("keyid", "")
    if not isinstance(keyid, str):
        raise EnvelopeError("a signature whose key has no name")
    return keyid, _decoded(item["sig"])


def _decoded(text: object) -> bytes:
    """The bytes of base64, standard or URL-safe: both are allowed."""
    if not isinstance(text, str):
        raise EnvelopeError("no base64")
    try:
        return binascii.a2b_base64(text.replace("-", "+").replace("_", "/"), strict_mode=True)
    except ValueError:
        raise EnvelopeError("no base64") from None
