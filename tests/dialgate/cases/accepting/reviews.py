"""A suite of recorded trials and sessions on it: what tests of the review begin with."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from dialgate.cases.accepting.found.queue import FoundQueue
from dialgate.cases.accepting.session import Session
from dialgate.cases.accepting.source import ReviewSource, open_source
from dialgate_evals.events.accepting.decisions import Word
from tests.workspaces import RecordedSuite, a_case

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

START = dt.datetime(2026, 11, 1, 8, tzinfo=dt.UTC)


def a_suite(folder: Path, *, refunds: int = 3, quiet: Sequence[str] = ()) -> RecordedSuite:
    """A suite whose cases expect a refund each; its agent refunds too much in the last.

    `quiet`: further cases that expect no action, in which the agent only reads.
    """
    suite = RecordedSuite(folder / "shop", refunds=refunds)
    last = suite.case_ids[-1]
    suite.case_ids += quiet
    suite.cases += [a_case(case_id) for case_id in quiet]
    suite.write_cases()
    reads = {case_id: [{"name": "look_up", "arguments": {"id": case_id}}] for case_id in quiet}
    too_much = {last: [{"name": "refund", "arguments": {"id": last, "amount": 99}}]}
    suite.record("2", {**reads, **too_much})
    return suite


def a_source(suite: RecordedSuite) -> ReviewSource:
    """What there is to look at."""
    return open_source(suite.folder, None, suite.folder.parent / ".dialgate")


def a_session(suite: RecordedSuite, reviewer: str = "Ada", *, found: Path | None = None) -> Session:
    """A session whose clock moves a second a decision; `found`: a file of found cases."""
    moments = iter(range(10_000))
    source = a_source(suite)
    queue = None
    if found is not None:
        queue = FoundQueue(
            workspace=source.workspace, release=source.release, path=found, reviewer=reviewer,
            folder=suite.folder.parent / ".dialgate" / "accept-found",
        )  # fmt: skip
    return Session(
        source=source,
        reviewer=reviewer,
        found=queue,
        folder=suite.folder.parent / ".dialgate" / "accept-shop",
        now=lambda: START + dt.timedelta(seconds=next(moments)),
    )


def decide(session: Session, place: int, word: str, **more: Any) -> int:
    """Decides on an item by its number; the decision's seq."""
    item = session.items[place]
    settles = more.pop("settles", False)
    standing = session.mine(settles=settles).get(item.id)
    seen = more.pop("seen", standing.seq if standing else 0)
    choice = {"word": Word(word), **more}
    return session.decide(item.id, choice, seen=seen, settles=settles).seq
