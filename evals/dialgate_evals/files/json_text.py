"""JSON as this project reads and writes it: strict, bounded, canonical.

Refuses what Python's reader lets through (duplicate keys, NaN, infinities, unbounded nesting or
lines) and knows one canonical form, from which all digests are made. Leaves meaning to others.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from typing import Any, Never

import msgspec

LINE_LIMIT_BYTES = 16 * 1024 * 1024
"""A longer line is refused unread: no case or trajectory is that long, but a broken file may be."""

DOCUMENT_LIMIT_BYTES = 64 * 1024 * 1024

DEPTH_LIMIT = 100
"""Deeper data is refused, so that no reader further in can run out of stack."""


class JsonTextError(ValueError):
    """The text is not strict JSON; the message says what was found, in words for people."""


def _object_without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise JsonTextError(f'the key "{key[:80]}" twice in one object')
            seen.add(key)
    return found


def _refuse_constant(name: str) -> Never:
    raise JsonTextError(f"{name}, which is not a JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise JsonTextError(f"the number {text[:40]}, which is out of range")
    return number


_decoder = json.JSONDecoder(
    object_pairs_hook=_object_without_duplicates,
    parse_constant=_refuse_constant,
    parse_float=_finite,
)


def parse_json(raw: bytes) -> Any:  # noqa: ANN401 - JSON is any type until a schema has seen it
    """The value of strict UTF-8 JSON text.

    Raises JsonTextError naming what was found: bytes that are not UTF-8, text that is not JSON,
    duplicate keys, NaN or an infinity, more than DEPTH_LIMIT levels.
    """
    value = _parse_fast(raw)
    if value is _IN_DOUBT:
        value = _parse_slowly(raw)
    if raw.count(b"[") + raw.count(b"{") > DEPTH_LIMIT and is_too_deep(value):
        raise JsonTextError(f"JSON nested too deeply: more than {DEPTH_LIMIT} levels")
    return value


_IN_DOUBT = object()


def _parse_fast(raw: bytes) -> Any:  # noqa: ANN401 - see parse_json
    """The value, several times as fast; _IN_DOUBT where the text may not be strict JSON.

    This reader lets through nothing but duplicate keys. A key that it dropped took its colon with
    it: with as many colons as the value has, none was dropped. A colon may be escaped as u003a.
    """
    try:
        value = _decode_fast(raw)
        colons = raw.count(b":")
        if type(value) is dict and len(value) == colons:  # nothing but keys has one
            return value
        is_whole = colons == _encode_fast(value).count(b":") and b"u003" not in raw
    except (ValueError, RecursionError):
        return _IN_DOUBT
    return value if is_whole else _IN_DOUBT


def _parse_slowly(raw: bytes) -> Any:  # noqa: ANN401 - see parse_json
    try:
        return _decoder.decode(raw.decode("utf-8").removeprefix("\ufeff"))
    except UnicodeDecodeError as error:
        raise JsonTextError(f"bytes that are not UTF-8 at offset {error.start}") from None
    except json.JSONDecodeError as error:
        raise JsonTextError(
            f"text that is not JSON ({error.msg}) at line {error.lineno}, column {error.colno}"
        ) from None
    except RecursionError:
        raise JsonTextError("JSON nested too deeply to read") from None
    except JsonTextError:
        raise
    except ValueError as error:
        raise JsonTextError(f"a number that can't be read ({error})") from None


def is_too_deep(value: object) -> bool:
    """Whether containers lie more than DEPTH_LIMIT deep; level by level, without recursion."""
    level = [value]
    for _ in range(DEPTH_LIMIT + 1):
        level = [
            child
            for node in level
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True


def canonical_json(value: object) -> str:
    """One text for equal data: sorted keys, no white space, numbers by value (1.0 is 1).

    Lone surrogates stay as escapes, so the text can always be encoded.
    Raises JsonTextError for what is no JSON data: NaN, an infinity, a type that JSON doesn't
    know, nesting or whole numbers beyond what Python writes. Nothing that parse_json gives is.
    """
    try:
        text = _encode_sorted(value)
        # Every whole float is written so, and most data holds none: it is written only once.
        if (".0" in text or "e+" in text) and _LIKE_WHOLE_FLOAT.search(text):
            text = _encode_sorted(_numbers_by_value(value))
        return text
    except RecursionError:
        raise JsonTextError("data nested too deeply to write as JSON") from None
    except (TypeError, ValueError) as error:
        raise JsonTextError(f"data that JSON can't hold ({error})") from None


def json_document(value: object) -> bytes:
    """Strict JSON data as a file for people to read: indented, with a line feed at the end."""
    return bytes(msgspec.json.format(json_line(value), indent=1)).rstrip() + b"\n"


def canonical_parsed(value: object) -> str:
    """`canonical_json` of data that `parse_json` gave, several times as fast.

    Only of such data: the fast writer takes NaN and types that JSON doesn't know.
    """
    try:
        raw = _encode_sorted_fast(value)
    except UnicodeEncodeError:
        return canonical_json(value)
    # Anything but plain ASCII and whole numbers is written in another way.
    if not raw.isascii() or (b"0e0" in raw.translate(_LIKE_FRACTIONS) and _has_fraction(raw)):
        return canonical_json(value)
    return raw.decode("ascii")


def _has_fraction(raw: bytes) -> bool:
    """Whether compact JSON may hold a number that is not written as a whole one."""
    return any(fraction.search(raw) for fraction in _FRACTIONS)


_LIKE_WHOLE_FLOAT = re.compile(r"(?:\A|[:,\[])-?\d+(?:\.0(?=[,\]}]|\Z)|(?:\.\d+)?e\+)")
# A digit, a point or an exponent, a digit or its sign: one pass says sooner than a pattern that
# nothing is like a number with any.
_LIKE_FRACTIONS = bytes.maketrans(b"0123456789+-.E", b"000000000000ee")
# Alone, behind a key or in a list; digests hold "3e5" too, but behind none of these.
_FRACTIONS = [re.compile(start + rb"-?\d+[.eE]") for start in (rb"\A", b'":', rb"\[", b",")]
_encode_sorted_fast = msgspec.json.Encoder(order="sorted").encode
_encode_sorted = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), allow_nan=False, check_circular=False
).encode


def json_line(value: object) -> bytes:
    """Strict JSON data as one compact line with its line feed.

    UTF-8; data with lone surrogates, which UTF-8 can't hold, is written in escapes.
    """
    try:
        return _encode_fast(value) + b"\n"
    except UnicodeEncodeError:
        return _encode_escaped(value).encode("ascii") + b"\n"


def json_text(value: object) -> str:
    """Data of JSON's types as compact text; NaN stays in it, so that a strict reader refuses it."""
    try:
        raw = _encode_fast(value)
    except UnicodeEncodeError:
        return _encode_escaped(value)
    # The fast writer writes NaN and infinities as null.
    return _encode_escaped(value) if b"null" in raw else raw.decode()


_decode_fast = msgspec.json.Decoder().decode
_encode_fast = msgspec.json.Encoder().encode
_encode_escaped = json.JSONEncoder(separators=(",", ":")).encode


def copy_parsed(value: Any) -> Any:  # noqa: ANN401 - JSON data
    """Equal data that shares nothing with the data that `parse_json` gave; tuples become lists."""
    if value is None or isinstance(value, str):
        return value
    try:
        return _decode_fast(_encode_fast(value))
    except UnicodeEncodeError:
        return json.loads(_encode_escaped(value))


def _numbers_by_value(value: object) -> object:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _numbers_by_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_numbers_by_value(item) for item in value]
    return value


def digest_of(value: object) -> str:
    """`sha256:…` over the canonical form of the value."""
    return digest_of_bytes(canonical_json(value).encode("ascii"))


def digest_of_parsed(value: object) -> str:
    """`digest_of` of data that `parse_json` gave; see `canonical_parsed`."""
    return digest_of_bytes(canonical_parsed(value).encode("ascii"))


def digest_of_bytes(raw: bytes) -> str:
    """`sha256:…` over the bytes."""
    found = _BEGUN.copy()  # half the time of a new one
    found.update(raw)
    return "sha256:" + found.hexdigest()


_BEGUN = hashlib.sha256()
"""Only copies of it go on."""
