"""The same value is the same pseudonym; without the key nobody gets from one to the other."""

from __future__ import annotations

import datetime as dt
import re
import uuid

from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.events.deriving.redacting.personal_values import (
    ValueKind,
    is_card_number,
    is_iban,
)
from dialgate_evals.events.deriving.redacting.pseudonyms import Pseudonyms

KIND = st.sampled_from(ValueKind)
ONE, OTHER = Pseudonyms(key=b"one key of two"), Pseudonyms(key=b"the other key")
LONG = st.text("abcdefghijklmnop0123456789", min_size=12, max_size=30)


@given(LONG)
def test_the_key_decides_and_nothing_else(value: str) -> None:
    assert ONE.pseudonym(value, ValueKind.NAMED) == ONE.pseudonym(value, ValueKind.NAMED)
    assert ONE.pseudonym(value, ValueKind.NAMED) != OTHER.pseudonym(value, ValueKind.NAMED)


@given(st.text(max_size=40).filter(lambda text: not re.fullmatch(r"[\d-]{10}|.{36}", text)))
def test_letters_stay_letters_and_digits_digits(value: str) -> None:
    made = ONE.pseudonym(value, ValueKind.NAMED)
    assert len(made) == len(value)
    for before, after in zip(value, made, strict=True):
        if before in "0123456789":
            assert after in "0123456789"
        elif before.isalnum():
            assert re.fullmatch("[A-Z]" if before.isupper() else "[a-z]", after)
        else:
            assert after == before


def test_spellings_of_one_name_stay_spellings_of_one_name() -> None:
    mia = ONE.pseudonym("Mia Li", ValueKind.NAMED)
    assert ONE.pseudonym("MIA LI", ValueKind.NAMED) == mia.upper()
    phone = ONE.pseudonym("+49 171 1234567", ValueKind.PHONE)
    assert ONE.pseudonym("+491711234567", ValueKind.PHONE) == phone.replace(" ", "")


@given(st.lists(st.integers(0, 9), min_size=15, max_size=15))
def test_check_digits_are_right_again(digits: list[int]) -> None:
    card = "4" + "".join(map(str, digits))
    assert is_card_number(ONE.pseudonym(card, ValueKind.CARD))
    assert ONE.pseudonym(card, ValueKind.CARD)[0] == "4"
    iban = "DE89 3704 0044 0532 0130 00"
    made = ONE.pseudonym(iban, ValueKind.IBAN)
    assert is_iban(made)
    assert re.fullmatch(r"DE\d\d \d{4} \d{4} \d{4} \d{4} \d\d", made)


def test_days_stay_days_of_their_year_and_uuids_uuids() -> None:
    made = dt.date.fromisoformat(ONE.pseudonym("1990-04-05", ValueKind.NAMED))
    assert made.year == 1990
    value = "5f1d7a84-7a39-4a3e-9f21-1c2b3d4e5f60"
    assert str(uuid.UUID(ONE.pseudonym(value, ValueKind.NAMED))) != value


def test_a_mail_address_leads_nowhere_unless_its_domain_is_asked_for() -> None:
    assert ONE.pseudonym("mia.li@shop.test", ValueKind.EMAIL).endswith("@example.com")
    kept = Pseudonyms(key=b"one key of two", keeps_domains=True)
    assert kept.pseudonym("mia.li@shop.test", ValueKind.EMAIL).endswith("@shop.test")


@given(LONG, KIND)
def test_another_attempt_gives_another_pseudonym(value: str, kind: ValueKind) -> None:
    value = {ValueKind.EMAIL: f"{value}@shop.test", ValueKind.IBAN: "DE89370400440532013000"}.get(
        kind, value if kind in {ValueKind.NAMED, ValueKind.SECRET} else "4111111111111111"
    )
    assert ONE.pseudonym(value, kind) != ONE.pseudonym(value, kind, attempt=1)
