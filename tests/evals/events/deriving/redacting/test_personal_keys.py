"""Birth dates, streets and given names are known by the usual names of their fields."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialgate_evals.events.deriving.redacting.personal_keys import (
    KINDS,
    names_somebody,
    personal_kind,
)

PAGE = Path(__file__).parents[5] / "docs" / "how-to" / "derive-cases.md"


def test_the_page_lists_every_name() -> None:
    rows = [line.strip("| ").split(" | ") for line in PAGE.read_text("utf-8").splitlines()]
    listed = {row[0]: set(row[1].replace("`", "").split(", ")) for row in rows if row[0] in KINDS}
    assert listed == {kind: set(names) for kind, names in KINDS.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_each_name_in_any_spelling(kind: str) -> None:
    for name in KINDS[kind]:
        camel = "".join(word.capitalize() for word in name.split("_"))
        for spelt in (name, name.upper(), name.replace("_", "-"), name.replace("_", " "), camel):
            assert personal_kind(spelt) == kind, spelt


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("customer_first_name", "given name"), ("billingStreet", "street"),
        ("passenger.dateOfBirth", "birth date"), ("SHIPPING_ADDRESS_LINE_1", "street"),
        # names of things, of accounts, of whole addresses
        ("name", None), ("username", None), ("address", None), ("email_address", None),
        ("product_line1", None), ("line", None), ("street_view", None), ("first", None),
        ("birthplace", None), ("born_on_time", None), ("file_name", None), ("", None),
        ("first_name" * 10, None),
    ],
)  # fmt: skip
def test_a_word_for_whose_it_is_may_stand_before(key: str, kind: str | None) -> None:
    assert personal_kind(key) == kind


@pytest.mark.parametrize("value", ["string", "unknown", "N/A", "", "  ", 7, True, None, {"a": 1}])
def test_a_word_that_stands_for_one_is_nobody(value: object) -> None:
    assert not names_somebody(value)
