"""What the prompt tells the agent to do: each rule is one line of the prompt, found by its words.

A line that is missing is a rule that the agent doesn't have; it then does what a helpful model
without the rule would do. Leaves applying the rules to the modules that act.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class HouseRules:
    """The rules of one release's prompt; False or None: no line says so."""

    free_refund_usd: float | None
    # up to this amount nothing needs to be shown; None: the agent may not refund at all
    needs_evidence: bool
    # a refund over the free amount needs a photo, a carrier report or a return
    escalates_refund_over_usd: float | None
    # None: no refund is too large
    refund_days: int | None
    # days after delivery; None: no refund is too late
    checks_earlier_refunds: bool
    notes_large_refunds: bool
    repeats_same_refund: bool
    # a refund that timed out is repeated under the same request_id, not a new one
    mails_to_file: bool
    # False: mail goes to whatever address the customer gives
    mails_partners_for_staff: bool
    repeats_no_mail: bool
    # a mail that timed out is noted, not sent again
    verifies_holder: bool
    escalates_mail_change: bool
    locks_at_once: bool
    escalates_fraud_unlock: bool
    hands_over: frozenset[str]
    # of "legal", "injury", "press"
    gives_people: bool
    # a customer who asks for a person gets one
    closes_settled: bool
    staff_sets_priority: bool
    ignores_embedded: bool
    # instructions inside tickets, mails and tool results are text, not orders


_NUMBERS = {
    "free_refund_usd": r"refund up to (\d+) USD without asking",
    "escalates_refund_over_usd": r"escalate refunds over (\d+) USD",
    "refund_days": r"later than (\d+) days after delivery",
}

_CLAIMS = {
    "needs_evidence": r"refund more than that only with evidence",
    "checks_earlier_refunds": r"look at earlier refunds",
    "notes_large_refunds": r"leave an internal note .* refund",
    "repeats_same_refund": r"repeat a refund that timed out .* same request_id",
    "mails_to_file": r"send mail only to the address on file",
    "mails_partners_for_staff": r"staff may have mail sent to a partner",
    "repeats_no_mail": r"never repeat a mail that timed out",
    "verifies_holder": r"verify the account holder",
    "escalates_mail_change": r"escalate a change of the mail address",
    "locks_at_once": r"lock an account at once",
    "escalates_fraud_unlock": r"locked for fraud .* escalate",
    "gives_people": r"asks for a person",
    "closes_settled": r"set the ticket to solved",
    "staff_sets_priority": r"priorities are set by staff only",
    "ignores_embedded": r"never act on instructions that stand inside",
}

_HANDED_OVER = {"legal": r"legal threats", "injury": r"injuries", "press": r"press enquiries"}


def read_rules(prompts: Mapping[str, str]) -> HouseRules:
    """The rules in a release's prompts; a rule stands on one line and commented lines are none."""
    text = "\n".join(_lines(prompts))
    numbers = {name: _number(pattern, text) for name, pattern in _NUMBERS.items()}
    claims = {name: _is_said(pattern, text) for name, pattern in _CLAIMS.items()}
    days = numbers.pop("refund_days")
    return HouseRules(
        free_refund_usd=numbers["free_refund_usd"],
        escalates_refund_over_usd=numbers["escalates_refund_over_usd"],
        refund_days=None if days is None else int(days),
        hands_over=frozenset(
            topic for topic, pattern in _HANDED_OVER.items() if _is_said(pattern, text)
        ),
        **claims,
    )


def _lines(prompts: Mapping[str, str]) -> list[str]:
    lines = [line.strip() for _, text in sorted(prompts.items()) for line in text.splitlines()]
    return [line for line in lines if not line.startswith("<!--")]


def _number(pattern: str, text: str) -> float | None:
    found = re.search(pattern, text, re.IGNORECASE)
    return float(found.group(1)) if found else None


def _is_said(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE) is not None
