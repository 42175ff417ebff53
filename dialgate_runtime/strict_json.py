"""JSON that a signature may rest on: no duplicate keys, no NaN, bounded in size and depth.

And one canonical form of it, from which digests are made: the very one of the whole of dialgate,
which has a faster writer of it.
"""

from __future__ import annotations

import json
import os
import stat

LIMIT_BYTES = 64 * 1024 * 1024
_DEEPEST = 100


class JsonError(ValueError):
    """The text is no strict JSON; the message says what was found."""


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise JsonError("a key twice in one object")
    return found


def _constant(name: str) -> object:
    raise JsonError(f"{name}, which is no JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if number in {float("inf"), float("-inf")}:
        raise JsonError("a number out of range")
    return number


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_constant, parse_float=_finite
)


def parse_json(raw: bytes) -> object:
    """The value of strict UTF-8 JSON. Raises JsonError."""
    try:
        found: object = _DECODER.decode(raw.decode("utf-8"))
    except JsonError:
        raise
    except (ValueError, RecursionError) as error:
        raise JsonError(f"text that is no JSON ({type(error).__name__})") from None
    if _depth_over(found, _DEEPEST):
        raise JsonError(f"more than {_DEEPEST} levels")
    return found


def _depth_over(value: object, levels: int) -> bool:
    """Level by level, without recursion."""
    level = [value]
    for _ in range(levels + 1):
        level = [child for node in level for child in _children(node)]
        if not level:
            return False
    return True


def _children(node: object) -> list[object]:
    if isinstance(node, dict):
        return [item for item in node.values() if isinstance(item, dict | list)]
    return (
        [item for item in node if isinstance(item, dict | list)] if isinstance(node, list) else []
    )


def digest_of(value: object) -> str:
    """`sha256:…` over the canonical form: sorted keys, no white space, 1.0 written as 1."""
    import hashlib  # noqa: PLC0415 - loads OpenSSL, which only a dial with leases needs

    text = json.dumps(_by_value(value), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return "sha256:" + hashlib.sha256(text.encode("ascii")).hexdigest()


def _by_value(value: object) -> object:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _by_value(item) for key, item in value.items()}
    return [_by_value(item) for item in value] if isinstance(value, list | tuple) else value


def read_file(path: str, limit: int = LIMIT_BYTES) -> bytes:
    """The bytes of a regular file of at most `limit`. Raises OSError, or JsonError where it's none.

    A link is followed, as mounted volumes are made of them; a pipe or device never blocks.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise JsonError("no regular file")
        raw = file.read(limit + 1)
    if len(raw) > limit:
        raise JsonError(f"a file of more than {limit} bytes")
    return raw
