"""A file that can't be verified, or is about something else, is no lease."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from dialgate_runtime.leases.lease import LONGEST_S, LeaseRefusedError, moment, read_lease, written
from dialgate_runtime.leases.rules import (
    NO_KEYS,
    KeyTextError,
    LeaseRules,
    parse_rules,
    read_key,
)
from dialgate_runtime.mode import Mode, effective_mode
from tests.runtime.lease_builders import (
    HOUR,
    KEY,
    NOON,
    OTHER,
    SUBJECT,
    envelope,
    lease,
    pem,
    rules,
    statement,
)

_GOOD: dict[str, Any] = {"schema": 1, "required": False, "keys": []}


def refused(raw: bytes, held_to: LeaseRules | None = None) -> str:
    with pytest.raises(LeaseRefusedError) as failure:
        read_lease(raw, "refund.small", SUBJECT, held_to or rules())
    return str(failure.value)


def test_a_good_one_says_mode_and_span() -> None:
    found = read_lease(lease(), "refund.small", SUBJECT, rules())
    assert (found.mode, found.issued_at, found.not_after) == (Mode.ON_THE_LOOP, NOON, NOON + HOUR)
    assert found.keyid == read_key(pem())[0]


class TestTime:
    """It counts from its issue, with what clocks may differ, until just before its end."""

    @pytest.mark.parametrize(
        ("now", "why"),
        [
            (NOON, None),
            (NOON - 300, None),
            (NOON - 301, "it was issued at 2025-11-30T12:00:00Z, after the clock here"),
            (NOON + HOUR - 0.001, None),
            (NOON + HOUR, "it expired at 2025-11-30T13:00:00Z"),
            (NOON + 1e9, "it expired at 2025-11-30T13:00:00Z"),
        ],
    )
    def test_a_moment_decides(self, now: float, why: str | None) -> None:
        found = read_lease(lease(), "refund.small", SUBJECT, rules())
        assert found.why_not(now, skew_s=300) == why

    @pytest.mark.parametrize(
        "span",
        [
            {"not_after": written(NOON)},
            {"not_after": written(NOON - 1)},
            {"not_after": written(NOON + LONGEST_S + 1)},
            {"not_after": "2999-01-01T00:00:00Z"},
            {"not_after": "2025-11-30T13:00:00+00:00"},
            {"not_after": "2025-13-30T13:00:00Z"},
            {"issued_at": "2025-11-30 12:00:00Z"},
            {"issued_at": ""},
        ],
    )
    def test_a_span_that_is_none_or_too_long_is_refused(self, span: dict[str, Any]) -> None:
        assert refused(lease(**span)) == "no span of time of at most 31 days"

    @given(st.integers(0, 4_102_444_800))
    def test_moments_read_back(self, seconds: int) -> None:
        assert moment(written(seconds)) == seconds


class TestSubject:
    """It is on this suite, this release, this class and these tools, or none."""

    @pytest.mark.parametrize(
        ("over", "why"),
        [
            ({"suite": "airline"}, "a lease on the suite 'airline'"),
            ({"action_class": "refund.large"}, "a lease on the class 'refund.large'"),
            (
                {"release": {"name": "desk", "version": "1", "fingerprint": "sha256:" + "b" * 64}},
                "a lease on the release",
            ),
            ({"classes": "sha256:" + "d" * 64}, "a lease on classes and tools"),
            ({"mode": "god_mode"}, "the mode 'god_mode'"),
            ({"schema": 2}, "other values than a lease's"),
            ({"schema": True}, "other keys than a lease's"),
            ({"extra": 1}, "other keys than a lease's"),
            ({"mode": None}, "other values than a lease's"),
        ],
    )
    def test_another_is_refused(self, over: dict[str, Any], why: str) -> None:
        assert refused(lease(**over)).startswith(why)

    def test_a_signed_verdict_is_no_lease(self) -> None:
        """One key may sign both: what is signed says what it is."""
        other = {
            **statement(),
            "predicateType": "https://in-toto.io/attestation/test-result/v0.1",
        }
        assert "another statement than a lease" in refused(envelope(json.dumps(other).encode()))

    def test_a_subject_that_is_not_the_release_is_refused(self) -> None:
        other = {**statement(), "subject": []}
        assert refused(envelope(json.dumps(other).encode())) == "a subject that is not its release"


class TestSignature:
    """Only a key that counts, over these bytes."""

    def test_a_key_that_is_not_named_signs_nothing(self) -> None:
        assert "no signature of a key that counts" in refused(lease(OTHER))

    def test_two_keys_count_at_once_while_one_is_turned_over(self) -> None:
        both = rules(KEY, OTHER)
        for key in (KEY, OTHER):
            found = read_lease(lease(key), "refund.small", SUBJECT, both)
            assert found.keyid == read_key(pem(key))[0]

    def test_a_revoked_key_signs_nothing(self) -> None:
        document = {"schema": 1, "required": True, "keys": [pem()], "revoked": [read_key(pem())[0]]}
        found, problems = parse_rules(document)
        assert problems == []
        assert "no signature of a key that counts" in refused(lease(), found)

    @settings(max_examples=60)
    @given(st.data())
    def test_no_file_with_a_byte_changed_says_anything_else(self, data: st.DataObject) -> None:
        raw = bytearray(lease())
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place] ^= data.draw(st.integers(1, 255))
        try:
            found = read_lease(bytes(raw), "refund.small", SUBJECT, rules())
        except LeaseRefusedError:
            return
        assert found == read_lease(lease(), "refund.small", SUBJECT, rules())

    @settings(max_examples=60)
    @given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
    def test_no_bytes_raise_anything_else(self, raw: bytes) -> None:
        refused(raw)
        refused(envelope(raw))

    @pytest.mark.parametrize(
        "raw",
        [
            b"{" * 100_000,
            b"[" * 100_000 + b"]" * 100_000,
            b'{"payload":"","payload":""}',
            b"NaN",
            b"1e999",
            b"\xff",
            b"null",
        ],
        ids=lambda raw: ascii(raw[:12]),
    )
    def test_what_is_no_strict_json_is_refused(self, raw: bytes) -> None:
        assert refused(raw)
        assert refused(envelope(raw))

    def test_more_signatures_than_are_worth_trying_are_refused_unread(self) -> None:
        many = envelope(b"{}", signatures=[{"sig": "AAAA"}] * 17)
        assert refused(many) == "no list of 1 to 16 signatures"


class TestRules:
    """A file of rules that is wrong has no keys, and leases are required."""

    def test_all_problems_are_said_at_once(self) -> None:
        found, problems = parse_rules({"schema": 1, "kyes": []})
        assert found is NO_KEYS
        assert problems == ["the unknown key 'kyes'", "no keys", "no required"]

    @pytest.mark.parametrize(
        "over",
        [
            {"schema": 2}, {"schema": True}, {"required": 1}, {"skew_s": -1}, {"skew_s": 3601},
            {"skew_s": True}, {"keys": "x"}, {"keys": [1]}, {"revoked": "x"}, {"keys": ["x"]},
        ],
    )  # fmt: skip
    def test_a_wrong_value_is_a_problem(self, over: dict[str, Any]) -> None:
        found, problems = parse_rules({**_GOOD, **over})
        assert found is NO_KEYS
        assert len(problems) == 1

    def test_another_kind_of_key_is_refused(self) -> None:
        curve = ec.generate_private_key(ec.SECP256R1()).public_key()
        text = curve.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        with pytest.raises(KeyTextError, match="another kind of key"):
            read_key(text)

    def test_a_key_that_would_sign_anything_is_refused(self) -> None:
        import base64

        der = bytes.fromhex("302a300506032b6570032100") + b"\1" + bytes(31)
        body = base64.b64encode(der).decode()
        with pytest.raises(KeyTextError, match="small order"):
            read_key(f"-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----")


@given(st.sampled_from(Mode), st.none() | st.sampled_from(Mode), st.booleans())
def test_nothing_ever_gives_more_than_the_dial(
    dial: Mode, held: Mode | None, required: bool
) -> None:
    found = effective_mode(dial, held, required=required)
    assert found.rank <= dial.rank
    if held is not None and dial.is_autonomous:
        assert found.rank <= held.rank
    if held is None and required:
        assert not found.is_autonomous
