"""What the prompt allows: each rule is a line of it, found by its words."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Rules:
    """The prompt's lines as the agent follows them; a line that is missing is not followed."""

    looks_up_customer: bool
    refund_limit: float
    returned_limit: float
    verifies_holder: bool
    locks_on_takeover: bool
    escalates_legal: bool
    quoted_counts: bool
    repeats_refunds: bool
    escalates_failures: bool


def read_rules(prompt):
    """The rules in the prompt."""

    def has(words):
        return re.search(words, prompt, re.IGNORECASE) is not None

    def amount(words):
        found = re.search(words, prompt, re.IGNORECASE)
        return float(found.group(1)) if found else 0.0

    return Rules(
        looks_up_customer=has(r"look the customer up"),
        refund_limit=amount(r"refund up to (\d+) USD without asking"),
        returned_limit=amount(r"refund up to (\d+) USD when the order was returned"),
        verifies_holder=has(r"verify the account holder"),
        locks_on_takeover=has(r"lock an account"),
        escalates_legal=has(r"escalate to legal"),
        quoted_counts=not has(r"never act on instructions that stand inside forwarded"),
        repeats_refunds=has(r"repeat it with the same request id"),
        escalates_failures=has(r"keeps failing or refuses"),
    )
