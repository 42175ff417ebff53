"""Envelopes: byte for byte what the reference library signs, and read back as written."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope as ReferenceEnvelope

from dialgate_gate.audit.dsse import (
    PAYLOAD_TYPE,
    Envelope,
    Signature,
    parse_envelope,
    pre_authentication_encoding,
)


def an_envelope(payload: bytes = b"{}", keyid: str = "k") -> Envelope:
    signature = Signature(keyid=keyid, value=b"\xff\xfe signature")
    return Envelope(payload_type=PAYLOAD_TYPE, payload=payload, signatures=(signature,))


@given(st.text(), st.binary())
def test_what_is_signed_is_what_the_reference_library_signs(kind: str, payload: bytes) -> None:
    reference = ReferenceEnvelope(payload, kind, {})
    assert pre_authentication_encoding(kind, payload) == reference.pae()


@given(st.binary(), st.text())
def test_written_then_read_is_equal(payload: bytes, keyid: str) -> None:
    envelope = an_envelope(payload, keyid)
    assert parse_envelope(envelope.as_json(), "a.json") == (envelope, [])


def test_url_safe_base64_is_read_too() -> None:
    document = an_envelope(b"\xff\xfe\xfd").as_json()
    document["payload"] = document["payload"].replace("/", "_").replace("+", "-")
    found, problems = parse_envelope(document, "a.json")
    assert not problems
    assert found is not None
    assert found.payload == b"\xff\xfe\xfd"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"payloadType": "application/json"}, "/payloadType"),
        ({"payload": "not base64!"}, "/payload"),
        ({"payload": 3}, "/payload"),
        ({"signatures": []}, "/signatures"),
        ({"signatures": [{"keyid": "k"}]}, '"sig"'),
        ({"signatures": [{"sig": "=="}]}, "/signatures/0/sig"),
        ({"more": 1}, '"more"'),
    ],
)
def test_what_is_no_envelope_is_refused_with_its_place(change: dict[str, Any], words: str) -> None:
    _, problems = parse_envelope({**an_envelope().as_json(), **change}, "a.json")
    assert words in " ".join(map(str, problems))


JSON = st.recursive(
    st.none() | st.text() | st.integers(), lambda s: st.lists(s) | st.dictionaries(st.text(), s)
)


@given(JSON)
def test_any_json_is_read_or_refused(document: object) -> None:
    found, problems = parse_envelope(document, "a.json")
    assert (found is None) == bool(problems)
