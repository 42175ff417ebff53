"""The signatures that pass are those that OpenSSL passes, and no second form of one of them."""

from __future__ import annotations

import random

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from dialgate_runtime.leases.ed25519 import is_usable_key, verify

_L = 2**252 + 27742317777372353535851937790883648493
_P = 2**255 - 19

RFC_8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701c"
            "f9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0"
            "f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f76098"
            "4dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        (
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3"
            "feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
        (
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c664"
            "31e0303dca179c138ac17ad9bef1177331a704"
        ),
    ),
]
"""Key, message, signature of section 7.1: TEST 1, 2, 3 and SHA(abc)."""

SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
]
"""Every point of order 1, 2, 4 and 8."""


def openssl(key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@pytest.mark.parametrize(("key", "message", "signature"), RFC_8032)
def test_the_standard_s_own_signatures_pass(key: str, message: str, signature: str) -> None:
    raw = bytes.fromhex(key), bytes.fromhex(message), bytes.fromhex(signature)
    assert verify(*raw)
    assert is_usable_key(raw[0])
    assert not verify(raw[0], raw[1] + b"\0", raw[2])


def corrupted(signature: bytes, rng: random.Random) -> bytes:
    """Another signature: a bit, s plus the order, a part of zeros, cut, or not at all."""
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    bit = rng.randrange(512)
    flipped = bytearray(signature)
    flipped[bit // 8] ^= 1 << bit % 8
    ways = [
        signature,
        bytes(flipped),
        r + (s + _L).to_bytes(32, "little"),
        bytes(32) + signature[32:],
        r + bytes(32),
        signature[:-1],
        signature + b"\0",
        bytes.fromhex(rng.choice(SMALL_ORDER)) + signature[32:],
    ]
    return rng.choice(ways)


def test_it_says_what_openssl_says_of_a_thousand_signatures() -> None:
    rng = random.Random(8032)
    passed = 0
    for _ in range(1000):
        key = Ed25519PrivateKey.from_private_bytes(rng.randbytes(32))
        public, message = key.public_key().public_bytes_raw(), rng.randbytes(rng.randrange(80))
        signature = corrupted(key.sign(message), rng)
        found = verify(public, message, signature)
        assert found is openssl(public, message, signature)
        passed += found
    assert 100 < passed < 200


def test_it_says_what_openssl_says_of_keys_that_are_any_bytes() -> None:
    rng = random.Random(25519)
    for _ in range(100):
        key, message, signature = rng.randbytes(32), b"m", rng.randbytes(64)
        assert verify(key, message, signature) is openssl(key, message, signature)


@pytest.mark.parametrize("key", SMALL_ORDER)
def test_a_key_of_small_order_is_none(key: str) -> None:
    """With one, the neutral element and zero would sign many messages."""
    raw = bytes.fromhex(key)
    forged = bytes.fromhex(SMALL_ORDER[0]) + bytes(32)
    assert [verify(raw, bytes([n]), forged) for n in range(16)].count(True) >= 1
    assert not is_usable_key(raw)


@pytest.mark.parametrize("y", [_P, _P + 1, 2**255 - 1])
def test_a_key_in_a_second_encoding_is_none(y: int) -> None:
    assert not is_usable_key(y.to_bytes(32, "little"))


@pytest.mark.parametrize("key", [b"", b"\2" * 31, b"\2" * 33, b"\2" + bytes(31)])
def test_bytes_that_are_no_point_are_no_key(key: bytes) -> None:
    assert not is_usable_key(key)
    assert not verify(key, b"", bytes(64))
