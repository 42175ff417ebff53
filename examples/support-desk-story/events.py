"""Review events for docs/tutorial/the-dial-from-shadow-to-demotion.md: made up, seeded, repeatable.

Invented are the customers, their tickets, the reviewers and the times. Not invented is what the
agent proposes: the amount is read by the support desk's own code, as the model of that release
would, and a reviewer decides by comparing it with what the customer meant.

    python3 examples/support-desk-story/events.py CHAPTER > events.jsonl
    python3 examples/support-desk-story/events.py day 20     # the date in 20 days
"""

from __future__ import annotations

import datetime as dt
import json
import random
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "suites" / "support-desk"))

from agent.reading import read_amount, without_head

TODAY = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
ITEMS = ("mug", "lamp", "scarf", "kettle", "charger", "notebook", "umbrella", "vase")
DAMAGES = {"has a crack": "damaged", "came in the wrong color": "wrong_item", "never came": "late"}
GIVEN = ("ada", "grace", "alan", "edsger", "barbara", "tony", "radia", "donald")
FAMILY = ("ueda", "brandt", "silva", "zhang", "okafor", "lindt", "moreau", "haddad")
REVIEWERS = ("ines.duarte", "paul.weber")


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """Some weeks of small refunds in one mode, on one release."""

    mode: str
    release: str
    reads_commas: bool
    first_day: int
    # days from today
    days: int
    per_day: int
    ways: tuple[str, ...] = ("{amount:.2f} USD",) * 6 + ("{comma} USD",)
    # how customers write amounts, each as often as it stands here
    escalated_from: int | None = None
    # the event from which every third is escalated: reviewers don't know what to do; None: none
    dear_from: int | None = None
    # the event from which a refund costs ten times as much; None: none


NEW_SHOP = ("{amount:.2f} USD",) * 4 + ("USD {amount:.2f}",)
CHAPTERS = {
    "shadow": Chapter(
        mode="shadow", release="2026.10", reads_commas=False, first_day=1, days=10, per_day=15
    ),
    "in-the-loop": Chapter(
        mode="in_the_loop", release="2026.10", reads_commas=False, first_day=20, days=20, per_day=20
    ),
    "new-release": Chapter(
        mode="in_the_loop", release="2026.12", reads_commas=True, first_day=41, days=20, per_day=20
    ),
    "on-the-loop": Chapter(
        mode="on_the_loop", release="2026.12", reads_commas=True, first_day=61, days=10, per_day=40
    ),
    "new-model": Chapter(
        mode="on_the_loop",
        release="2027.01",
        reads_commas=True,
        first_day=71,
        days=10,
        per_day=40,
        ways=NEW_SHOP,
    ),
    "new-rule": Chapter(
        mode="in_the_loop",
        release="2027.01",
        reads_commas=True,
        first_day=82,
        days=16,
        per_day=40,
        ways=("{amount:.2f} USD",),
        escalated_from=480,
        dear_from=560,
    ),
}
DECISIONS = {
    "shadow": ("agreed", "differed"),
    "in_the_loop": ("approved", "edited"),
    "on_the_loop": ("auto", "overridden"),
}


def main(arguments: list[str]) -> None:
    """Prints a chapter's events, or a date."""
    if len(arguments) == 2 and arguments[0] == "day":
        print(f"{TODAY + dt.timedelta(days=int(arguments[1])):%Y-%m-%d}")
        return
    if len(arguments) != 1 or arguments[0] not in CHAPTERS:
        sys.exit(f"usage: events.py {'|'.join(CHAPTERS)}, or: events.py day N")
    chapter = CHAPTERS[arguments[0]]
    chance = random.Random(f"the story, {arguments[0]}")
    for number in range(chapter.days * chapter.per_day):
        print(json.dumps(an_event(chapter, arguments[0], number, chance)))


def an_event(chapter: Chapter, name: str, number: int, chance: random.Random) -> dict[str, Any]:
    """One proposed refund and what a reviewer made of it."""
    meant = chance.randrange(300, 4900) / 100
    ticket = a_ticket(chapter, number, meant, chance)
    read = read_amount(without_head(ticket["text"]), chapter.reads_commas)
    proposed = ticket["order"]["amount"] if read is None else read
    right, wrong = DECISIONS[chapter.mode]
    decision = right if proposed == meant else wrong
    if chapter.escalated_from is not None and number >= chapter.escalated_from and number % 3 == 0:
        decision = "escalated"
    is_dear = chapter.dear_from is not None and number >= chapter.dear_from
    minutes = 8 * 60 + (number % chapter.per_day) * 14
    day = TODAY + dt.timedelta(days=chapter.first_day + number // chapter.per_day)
    return {
        "event_id": f"{name}-{number:03d}",
        "occurred_at": (day + dt.timedelta(minutes=minutes)).isoformat(),
        "task_id": ticket["id"],
        "release": chapter.release,
        "mode": chapter.mode,
        "decision": decision,
        "proposed": a_refund(ticket, proposed),
        "corrected": None if proposed == meant else a_refund(ticket, meant),
        "reviewer": chance.choice(REVIEWERS),
        "reason": None if proposed == meant else "the customer asked for another amount",
        "review_s": round(chance.uniform(6, 45), 1),
        "latency_ms": round(chance.lognormvariate(6.5, 0.4)),
        "cost_usd": round(chance.uniform(0.0003, 0.0009) * (10 if is_dear else 1), 6),
        "messages": [{"role": "user", "content": ticket["text"]}],
        "recordings": ticket["recordings"],
    }


def a_ticket(chapter: Chapter, number: int, meant: float, chance: random.Random) -> dict[str, Any]:
    """A customer's letter, and what the systems say of customer and order."""
    serial = chapter.first_day * 1000 + number
    given, family = chance.choice(GIVEN), chance.choice(FAMILY)
    ids = {"id": f"T-{serial + 100000}", "customer": f"C-{serial + 200000}"}
    item, damage = chance.choice(ITEMS), chance.choice(list(DAMAGES))
    order = {"order_id": f"O-{serial + 300000}", "amount": 49.5, "status": "delivered"}
    amount = chance.choice(chapter.ways).format(
        amount=meant, comma=f"{meant:.2f}".replace(".", ",")
    )
    email = f"{given}.{family}@mail.example"
    text = (
        f"Ticket {ids['id']} · customer {ids['customer']} · from {email}\n\n"
        f"The {item} of {order['order_id']} {damage}. A refund of {amount} would be fair."
    )
    by_customer = {"customer_id": ids["customer"]}
    person = {**by_customer, "name": f"{given} {family}".title(), "email": email}
    recordings = [
        {"name": "get_customer", "arguments": by_customer, "result": person},
        {"name": "list_orders", "arguments": by_customer, "result": [order]},
    ]
    return {
        **ids,
        "order": order,
        "text": text,
        "recordings": recordings,
        "reason": DAMAGES[damage],
    }


def a_refund(ticket: dict[str, Any], amount: float) -> dict[str, Any]:
    """The call that pays."""
    order = ticket["order"]["order_id"]
    return {
        "name": "refund_order",
        "arguments": {
            "order_id": order,
            "amount": amount,
            "request_id": f"{ticket['id']}-{order}",
            "reason": ticket["reason"],
        },
    }


if __name__ == "__main__":
    main(sys.argv[1:])
