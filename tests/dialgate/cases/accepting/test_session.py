"""What may be decided, by whom and when; two tabs and two reviewers never overwrite each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from dialgate.cases.accepting.refusing import OvertakenError, RefusedError
from dialgate_evals.events.accepting.decisions import Word
from tests.dialgate.cases.accepting.reviews import a_session, a_suite, decide
from tests.example_counts import up_to
from tests.workspaces import a_refund

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate.cases.accepting.session import Session
    from tests.workspaces import RecordedSuite


@pytest.fixture
def shop(tmp_path: Path) -> RecordedSuite:
    return a_suite(tmp_path)


def words(session: Session) -> list[str]:
    mine = session.mine()
    return [mine[item.id].word.value if item.id in mine else "" for item in session.items]


def test_random_decisions_undo_and_reloads_leave_the_same_state(shop: RecordedSuite) -> None:
    moves = st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from(["right", "wrong", "nothing"]))
        | st.sampled_from(["undo", "reload"]),
        max_size=12,
    )

    @up_to(25, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(moves)
    def check(moves: list[Any]) -> None:
        for path in (shop.folder.parent / ".dialgate").rglob("*.jsonl"):
            path.unlink()
        session = a_session(shop)
        stack: list[tuple[int, str]] = []
        for move in moves:
            if move == "reload":
                session = a_session(shop)
            elif move == "undo":
                if stack:
                    stack.pop()
                    assert session.last is not None
                    session.undo(seen=session.last.seq)
            else:
                decide(session, *move)
                stack.append(move)
        wanted = dict(stack)
        expected = [wanted.get(place, "") for place in range(3)]
        assert words(session) == words(a_session(shop)) == expected

    check()


def test_a_tab_that_saw_an_older_decision_overwrites_nothing(shop: RecordedSuite) -> None:
    one, other = a_session(shop), a_session(shop)
    decide(one, 0, "right")
    with pytest.raises(OvertakenError):
        decide(other, 0, "wrong", seen=0)
    assert words(other)[0] == "right", "the other tab sees it now"
    decide(other, 0, "wrong")
    with pytest.raises(OvertakenError):
        one.undo(seen=1)
    assert words(a_session(shop))[0] == "wrong"


def test_what_can_not_be_decided_is_refused_with_its_reason(tmp_path: Path) -> None:
    shop = a_suite(tmp_path, quiet=["quiet"])
    session = a_session(shop)
    with pytest.raises(RefusedError, match="say what it should be"):
        decide(session, 3, "wrong")
    bad = {"name": "refund", "arguments": {"amount": "much"}}
    with pytest.raises(RefusedError, match="breaks the schema of refund"):
        decide(session, 0, "should_be", calls=(bad,))
    read = {"name": "look_up", "arguments": {"id": "x"}}
    with pytest.raises(RefusedError, match="only reads"):
        decide(session, 0, "should_be", calls=(read,))
    with pytest.raises(RefusedError, match="no such trajectory"):
        session.decide("nonsense", {"word": Word.RIGHT}, seen=0)
    with pytest.raises(RefusedError, match="nothing to undo"):
        session.undo(seen=1)
    assert words(session) == ["", "", "", ""]


def test_a_trajectory_that_fails_whatever_it_did_is_not_right(shop: RecordedSuite) -> None:
    shop.cases[0]["expect"]["reply"] = {"contains": ["thousand thanks"]}
    shop.write_cases()
    session = a_session(shop)
    with pytest.raises(RefusedError, match="does not contain 'thousand thanks'"):
        decide(session, 0, "right")
    decide(session, 0, "nothing")


def test_reviewers_do_not_see_each_other_but_are_compared(shop: RecordedSuite) -> None:
    ada, bob = a_session(shop), a_session(shop, "Bob")
    for place, word in enumerate(["right", "right", "wrong"]):
        decide(ada, place, word)
    decide(bob, 0, "right")
    decide(bob, 1, "nothing")
    decide(bob, 2, "should_be", calls=(a_refund("refund-002"),))
    bob.refresh()
    assert words(bob) == ["right", "nothing", "should_be"]
    (found,) = bob.agreements()
    assert (found.both_right, found.only_first, found.both_not) == (1, 1, 1)
    assert list(bob.conflicts()) == ["refund-001"]


def test_an_adjudication_counts_instead_of_what_it_settles(shop: RecordedSuite) -> None:
    ada, bob = a_session(shop), a_session(shop, "Bob")
    decide(ada, 0, "right")
    decide(bob, 0, "wrong")
    cleo = a_session(shop, "Cleo")
    assert list(cleo.conflicts()) == ["refund-000"]
    decide(cleo, 0, "right", settles=True)
    assert cleo.conflicts() == {}
    assert words(cleo) == ["", "", ""], "to settle is not to review"
    assert [item.items for item in cleo.agreements()] == [1], "kappa is of what each decided alone"
    assert cleo.last is not None
    cleo.undo(seen=cleo.last.seq)
    assert list(cleo.conflicts()) == ["refund-000"]
