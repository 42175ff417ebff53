"""Ed25519 signatures, verified without any library; nothing is ever signed here.

Follows RFC 8032, section 5.1.7 without the cofactor, as OpenSSL does: the point that s and the hash
give must be encoded exactly as the signature says, so no second encoding of it passes. Nothing here
is secret, so nothing need take constant time. A few milliseconds a signature.
"""

from __future__ import annotations

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
"""Order of the base point."""
_D = -121665 * pow(121666, -1, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)
"""A square root of -1."""

Point = tuple[int, int, int, int]
"""Extended coordinates (X : Y : Z : T), x = X/Z, y = Y/Z, xy = T/Z."""

_NEUTRAL: Point = (0, 1, 1, 0)


def is_usable_key(key: bytes) -> bool:
    """Whether the 32 bytes are a point in its one encoding whose order is not small.

    A key of small order would let one signature pass for many messages.
    """
    point = _decode(key) if len(key) == 32 else None
    if point is None or int.from_bytes(key, "little") & (2**255 - 1) >= _P:
        return False
    for _ in range(3):
        point = _double(point)
    return not _is_neutral(point)


def verify(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature is this key's over the message. Never raises."""
    import hashlib  # noqa: PLC0415 - loads OpenSSL, which only a dial with leases needs

    if len(key) != 32 or len(signature) != 64:
        return False
    s = int.from_bytes(signature[32:], "little")
    point = _decode(key)
    if s >= _L or point is None:
        return False
    hashed = hashlib.sha512(signature[:32] + key + message).digest()
    k = int.from_bytes(hashed, "little") % _L
    return _encode(_combine(s, _BASE, k, _negative(point))) == signature[:32]


def _decode(raw: bytes) -> Point | None:
    """The point that 32 bytes encode (section 5.1.3); y is taken modulo p."""
    number = int.from_bytes(raw, "little")
    sign, y = number >> 255, (number & (2**255 - 1)) % _P
    u, v = (y * y - 1) % _P, (_D * y * y + 1) % _P
    x = u * pow(v, 3, _P) * pow(u * pow(v, 7, _P), (_P - 5) // 8, _P) % _P
    if (v * x * x - u) % _P:
        x = x * _ROOT % _P
    if (v * x * x - u) % _P:
        return None
    if x % 2 != sign:
        x = -x % _P
    return x, y, 1, x * y % _P


def _encode(point: Point) -> bytes:
    inverse = pow(point[2], -1, _P)
    x, y = point[0] * inverse % _P, point[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _is_neutral(point: Point) -> bool:
    return point[0] % _P == 0 and (point[1] - point[2]) % _P == 0


def _negative(point: Point) -> Point:
    x, y, z, t = point
    return -x % _P, y, z, -t % _P


def _add(one: Point, other: Point) -> Point:
    """Section 5.1.4; complete, so it holds for equal points too."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c = 2 * one[3] * other[3] * _D % _P
    d = 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _double(point: Point) -> Point:
    a, b = point[0] * point[0] % _P, point[1] * point[1] % _P
    c = 2 * point[2] * point[2]
    h = a + b
    e = h - (point[0] + point[1]) ** 2
    g = a - b
    f = c + g
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _combine(a: int, one: Point, b: int, other: Point) -> Point:
    """a·one + b·other, both at once bit by bit."""
    both = _add(one, other)
    found = _NEUTRAL
    for bit in range(max(a.bit_length(), b.bit_length()) - 1, -1, -1):
        found = _double(found)
        pair = (a >> bit & 1, b >> bit & 1)
        if pair == (1, 1):
            found = _add(found, both)
        elif pair != (0, 0):
            found = _add(found, one if pair[0] else other)
    return found


def _base() -> Point:
    found = _decode((4 * pow(5, -1, _P) % _P).to_bytes(32, "little"))
    assert found is not None
    return found


_BASE = _base()
