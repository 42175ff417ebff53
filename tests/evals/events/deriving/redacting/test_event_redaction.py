"""A value is replaced everywhere in its event, equal stays equal, and different stays different."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.actions.redaction import Redaction
from dialgate_evals.events.deriving.redacting.event_redaction import redact_name, redact_parts
from dialgate_evals.events.deriving.redacting.pseudonyms import Pseudonyms
from dialgate_evals.events.deriving.redacting.redaction_rules import RedactionRules, redaction_rules
from dialgate_evals.files.json_text import canonical_json

MADE = Pseudonyms(key=b"a key that only tests know of")


def redacted(*parts: Any, secrets: dict[str, str] | None = None, **redact: Any) -> list[Any]:
    rules = redaction_rules(Redaction(**redact), secrets or {})
    return redact_parts(parts, rules, MADE)[0]


def test_a_value_at_a_pointer_is_replaced_in_every_text_as_a_word() -> None:
    arguments, text = redacted({"name": "Mia", "n": 1}, "Mia, Miami and mia", pointers=("/name",))
    name = arguments["name"]
    assert name != "Mia"
    assert text == f"{name}, Miami and mia"


def test_json_inside_text_stays_json_and_untouched_text_keeps_its_bytes() -> None:
    odd = '{ "a":1,\n "b": [2 ] }'
    inside, kept = redacted('{"user": {"id": "u-1234"}}', odd, pointers=("/user/id",))
    assert json.loads(inside)["user"]["id"] != "u-1234"
    assert kept == odd


def test_keys_that_are_identifiers_are_replaced_and_names_of_fields_are_not() -> None:
    value = {"cards": {"card_4421": {"id": "card_4421"}}, "id": "x"}
    (found,) = redacted(value, pointers=("/cards/*/id",))
    (key,) = found["cards"]
    assert key == found["cards"][key]["id"] != "card_4421"
    assert set(found) == {"cards", "id"}


def test_numbers_keep_their_type_and_are_replaced_as_text_too() -> None:
    arguments, text = redacted({"zip": 78750, "n": 2}, "to 78750", pointers=("/zip",))
    assert isinstance(arguments["zip"], int)
    assert text == f"to {arguments['zip']}" != "to 78750"
    assert arguments["n"] == 2


def test_the_allow_list_wins_wherever_the_value_stands() -> None:
    order = "4111111111111111"
    arguments, text = redacted({"order": order}, f"order {order}", keep=("/order",))
    assert (arguments["order"], text) == (order, f"order {order}")


def test_patterns_find_parts_of_texts_and_secrets_go_by_their_name() -> None:
    text, other = redacted(
        "ask C-1234 with hunter22", "C-1234", patterns=("C-[0-9]+",),
        secrets={"hunter22": "[secret TOKEN]"},
    )  # fmt: skip
    assert text == f"ask {other} with [secret TOKEN]"


def test_short_values_that_collide_get_other_pseudonyms() -> None:
    people = [f"{a}{b}" for a in "AB" for b in "abcdefghij"]
    (found,) = redacted({"names": people}, pointers=("/names",))
    assert len(set(found["names"])) == len(people)
    assert not set(found["names"]) & set(people)


def test_a_pseudonym_depends_on_no_other_event() -> None:
    one = redacted("mail a.b@shop.test")[0]
    other = redacted("c.d@shop.test wrote to a.b@shop.test")[0]
    assert one.removeprefix("mail ") in other
    assert redact_name("a.b@shop.test", RedactionRules(), MADE) == one.removeprefix("mail ")


def test_usual_names_of_fields_are_enough_and_equal_stays_equal_everywhere() -> None:
    arguments, answer, text = redacted(
        {"first_name": "Mia", "dob": "1990-02-03", "n": 1},
        '{"user": {"firstName": "Mia", "address": {"street": "12 Elm Road", "zip": "78750"}}}',
        "Mia, born 1990-02-03, of 12 Elm Road, 78750 Austin. Miami is far.",
    )
    user = json.loads(answer)["user"]
    street = user["address"]["street"]
    assert arguments["first_name"] == user["firstName"] != "Mia"
    assert arguments["dob"].startswith("1990-")
    assert street != "12 Elm Road"
    assert text == (
        f"{arguments['first_name']}, born {arguments['dob']}, of {street}, 78750 Austin. "
        "Miami is far."
    )
    assert (arguments["n"], user["address"]["zip"]) == (1, "78750")


def test_a_list_of_given_names_and_none_that_only_stand_for_one() -> None:
    (found,) = redacted({"given_names": ["Mia", "Zoe"], "first_name": "string", "dob": None})
    assert not {"Mia", "Zoe"} & set(found["given_names"])
    assert (found["first_name"], found["dob"]) == ("string", None)


def test_a_schema_in_a_text_is_left_alone() -> None:
    schema = {"properties": {"first_name": {"type": "string"}}, "required": ["first_name"]}
    assert redacted(schema) == [schema]


def test_a_field_that_is_kept_stays() -> None:
    (found,) = redacted({"line1": "Blue line"}, keep=("/line1",))
    assert found == {"line1": "Blue line"}


@pytest.mark.parametrize("day", ["03/02/1990", "3.2.1990", "31-12-1990", "1990-02-03T00:00:00Z"])
def test_a_day_stays_one_of_its_year(day: str) -> None:
    (found,) = redacted({"birthday": day})
    assert found["birthday"] != day
    parts = re.split(r"[^0-9]", found["birthday"])
    assert "1990" in parts
    assert all(1 <= int(part) <= 28 for part in parts[:3] if part != "1990")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text() | st.emails(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip


@given(JSON, JSON)
def test_equal_stays_equal_and_different_different(one: Any, other: Any) -> None:
    rules = RedactionRules(patterns=(re.compile("[a-f]{2,}"),), pointers=(("a",), ("*", "b")))
    first, again, second = redact_parts([one, one, other], rules, MADE)[0]
    assert canonical_json(first) == canonical_json(again)
    assert (canonical_json(one) == canonical_json(other)) == (
        canonical_json(first) == canonical_json(second)
    )


@pytest.mark.parametrize("text", ["", "[", "{}", '"x"', "\ud800@x.org"])
def test_odd_texts_are_left_as_they_are(text: str) -> None:
    assert redacted(text) == [text]
