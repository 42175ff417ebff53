"""People in documents that leave the house: numbered, or named by kind."""

from __future__ import annotations

from dialgate.dial.operating.packing.people_out import PeopleOut


def test_reviewers_are_numbered_the_longer_name_first() -> None:
    people = PeopleOut(names=("Ada", "Ada Byron"))
    found = people.without({"warnings": ["Ada Byron let 1 planted bad action through; Ada none."]})
    assert found == {"warnings": ["reviewer 2 let 1 planted bad action through; reviewer 1 none."]}
    assert people.taken == 2


def test_personal_values_are_named_by_kind_and_digests_stay() -> None:
    people = PeopleOut()
    digest = "sha256:" + "4111111111111111" * 4
    found = people.without([digest, "write to ada@desk.io or +49 30 1234567", 7, None])
    assert found == [digest, "write to (email) or (phone)", 7, None]


def test_figures_in_sentences_stay_as_they_are() -> None:
    text = "400 live reviews in the loop with 43 interventions show a rate under 16.2 % (p = 0.01)."
    people = PeopleOut()
    assert people.without(text) == text
    assert people.taken == 0
