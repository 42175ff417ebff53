"""What is known by its form alone, and what only looks like it."""

from __future__ import annotations

import pytest

from dialgate_evals.events.deriving.redacting.personal_values import ValueKind, find_values


def found(text: str) -> dict[str, ValueKind]:
    return {text[span.start : span.end]: span.kind for span in find_values(text)}


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("mail mia.li+x@mail.example.org, please", "mia.li+x@mail.example.org", ValueKind.EMAIL),
        ("card 4111 1111 1111 1111.", "4111 1111 1111 1111", ValueKind.CARD),
        ("amex 378282246310005", "378282246310005", ValueKind.CARD),
        ("IBAN DE89 3704 0044 0532 0130 00 OK", "DE89 3704 0044 0532 0130 00", ValueKind.IBAN),
        ("GB29NWBK60161331926819", "GB29NWBK60161331926819", ValueKind.IBAN),
        ("call +49 (171) 123-4567 now", "+49 (171) 123-4567", ValueKind.PHONE),
        ("call (212) 555-0147", "(212) 555-0147", ValueKind.PHONE),
        ("ring 212-555-0147!", "212-555-0147", ValueKind.PHONE),
        ("Tel. 0171 1234567", "0171 1234567", ValueKind.PHONE),
        ("key sk-abcdefghij0123456789", "sk-abcdefghij0123456789", ValueKind.SECRET),
    ],
)
def test_a_value_is_found_whole(text: str, value: str, kind: ValueKind) -> None:
    assert found(text).get(value) is kind


@pytest.mark.parametrize(
    "text",
    [
        "on 2024-05-20 at 10:30:00",
        "2026-09-01T08:37:00Z",
        "order 4111111111111112",  # Luhn's sum is wrong
        "at 1764288000000 ms",  # a time in milliseconds
        "DE88370400440532013000",  # the check digits are wrong
        "credit_card_4421486",
        "user@localhost",
        "flight HAT136, 255.0 USD, 3 bags",
        "version 1.2.3.4",
        "5f1d7a84-7a39-4a3e-9f21-1c2b3d4e5f60",
    ],
)
def test_what_only_looks_like_one_is_left_alone(text: str) -> None:
    assert found(text) == {}


def test_a_card_inside_a_longer_number_is_no_card() -> None:
    assert found("94111111111111111234567") == {}


@pytest.mark.parametrize(
    "text",
    [
        '{"to": "c101@example.com"}',
        "{'to': 'c101@example.com'}",
        "to = 'c101@example.com';",
        "<c101@example.com>",
        "mailto:c101@example.com",
    ],
)
def test_an_address_is_the_same_value_however_its_text_quotes_it(text: str) -> None:
    assert found(text) == {"c101@example.com": ValueKind.EMAIL}


def test_an_apostrophe_inside_of_an_address_is_part_of_it() -> None:
    assert found("'o'brien@example.com'") == {"o'brien@example.com": ValueKind.EMAIL}
