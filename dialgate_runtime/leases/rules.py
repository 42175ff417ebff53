"""Whose signature on a lease counts, whether leases are required, how far clocks may differ.

A document of its own, so that a key can be revoked without another release: in the exported dial
below `lease`, or as a file. Leaves what a lease says to `leases.lease`.
"""

from __future__ import annotations

import binascii

from dialgate_runtime.leases.ed25519 import is_usable_key
from dialgate_runtime.values import Value

TYPE_CHECKING = False  # the name alone, without `typing`
if TYPE_CHECKING:
    from collections.abc import Mapping

SKEW_S = 300
"""How far the clock of whoever issued a lease may run ahead of the runtime's, in seconds."""
_PREFIX = bytes.fromhex("302a300506032b6570032100")
"""A SubjectPublicKeyInfo of Ed25519 (RFC 8410) is this and the 32 bytes of the key."""
_KEYS = frozenset({"schema", "required", "skew_s", "keys", "revoked"})
_MOST_SKEW_S = 3600


class LeaseRules(Value):
    """What a runtime holds leases to."""

    required: bool
    keys: Mapping[str, bytes]
    # by id, without those that are revoked; 32 bytes each
    skew_s: float = SKEW_S
    revoked: frozenset[str] = frozenset()


NO_RULES = LeaseRules(required=False, keys={})
"""Of a dial that knows no leases."""
NO_KEYS = LeaseRules(required=True, keys={})
"""Of a document that can't be read: no lease can be verified."""


class KeyTextError(ValueError):
    """The text is no public Ed25519 key that can be used."""


def read_key(pem: str) -> tuple[str, bytes]:
    """Id and the 32 bytes of a PEM text. Raises KeyTextError."""
    import hashlib  # noqa: PLC0415 - loads OpenSSL, which only a dial with leases needs

    lines = [line.strip() for line in pem.strip().splitlines()]
    ends = ("-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----")
    if len(lines) < 3 or (lines[0], lines[-1]) != ends:
        raise KeyTextError("no public key in PEM")
    try:
        der = binascii.a2b_base64("".join(lines[1:-1]), strict_mode=True)
    except ValueError:
        raise KeyTextError("no public key in PEM") from None
    if not der.startswith(_PREFIX) or len(der) != len(_PREFIX) + 32:
        raise KeyTextError("another kind of key than Ed25519")
    if not is_usable_key(der[len(_PREFIX) :]):
        raise KeyTextError("a key that is no point, or one of small order")
    return hashlib.sha256(der).hexdigest(), der[len(_PREFIX) :]


def parse_rules(document: object) -> tuple[LeaseRules, list[str]]:
    """The rules of a document, with every problem; with one they are `NO_KEYS`."""
    if not isinstance(document, dict):
        return NO_KEYS, ["no object"]
    problems = [f"the unknown key {name!r}" for name in sorted(set(document) - _KEYS)]
    problems += [f"no {name}" for name in sorted(_KEYS - {"skew_s", "revoked"} - set(document))]
    if not problems:
        problems += _wrong_values(document)
    if problems:
        return NO_KEYS, problems
    keys, problems = _read_keys(document["keys"])
    if problems:
        return NO_KEYS, problems
    revoked = frozenset(document.get("revoked", ()))
    rules = LeaseRules(
        required=document["required"],
        skew_s=document.get("skew_s", SKEW_S),
        keys={name: key for name, key in keys.items() if name not in revoked},
        revoked=revoked,
    )
    return rules, []


def _wrong_values(document: dict[str, object]) -> list[str]:
    skew = document.get("skew_s", SKEW_S)
    is_number = type(skew) in {int, float}
    checks = {
        "schema must be 1": type(document["schema"]) is int and document["schema"] == 1,
        "required must be true or false": isinstance(document["required"], bool),
        f"skew_s must be 0 to {_MOST_SKEW_S}": is_number and 0 <= skew <= _MOST_SKEW_S,  # type: ignore[operator]  # it is one
        "keys must be a list of PEM texts": _are_texts(document["keys"]),
        "revoked must be a list of key ids": _are_texts(document.get("revoked", [])),
    }
    return [text for text, holds in checks.items() if not holds]


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _read_keys(texts: object) -> tuple[dict[str, bytes], list[str]]:
    found, problems = {}, []
    for index, text in enumerate(texts if isinstance(texts, list) else []):
        try:
            name, key = read_key(text)
            found[name] = key
        except KeyTextError as error:
            problems.append(f"keys[{index}]: {error}")
    return found, problems
