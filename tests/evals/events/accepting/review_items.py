"""Builders of items to decide on: a case, what an agent did there, decisions."""

from __future__ import annotations

from typing import Any

from dialgate_evals.actions.action_classes import ActionRegistry, parse_classes
from dialgate_evals.actions.trajectory import Trajectory, parse_trajectory
from dialgate_evals.events.accepting.decisions import Decision, Word
from dialgate_evals.events.accepting.review_item import ItemReader, ReviewItem
from dialgate_evals.suite.case import Case, parse_case
from tests.evals.builders import ACTIONS, tools
from tests.workspaces import a_case, a_trial

READER = ItemReader.of(tools(), ActionRegistry(classes=parse_classes(ACTIONS)))


def case_of(*actions: dict[str, Any], **more: Any) -> Case:
    """A case that expects these actions."""
    return parse_case(a_case("c", actions, **more))


def trial_of(*calls: dict[str, Any], **more: Any) -> Trajectory:
    """A trial that made these calls."""
    return parse_trajectory(a_trial("c", calls, **more))


def item_of(*calls: dict[str, Any], case: Case | None = None, **more: Any) -> ReviewItem:
    """What there is to decide where an agent made these calls."""
    found = READER.read(case or case_of(), trial_of(*calls, **more))
    assert isinstance(found, ReviewItem), found
    return found


def a_decision(item: ReviewItem, word: Word, *calls: dict[str, Any], **more: Any) -> Decision:
    """Ada's decision on the item."""
    defaults: dict[str, Any] = {"seq": 1, "reviewer": "Ada", "at": "2026-11-01T08:00:00.000Z"}
    return Decision(item=item.id, word=word, calls=calls, **{**defaults, **more})
