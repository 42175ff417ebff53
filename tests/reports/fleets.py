"""Documents of fleets, made up: forty suites, and one with hostile text in every place."""

from __future__ import annotations

from typing import Any

KINDS = ("unreadable", "alarm", "lapsed", "unwatched", "gate", "no lease", "no owner", "overdue",
         "promote")  # fmt: skip
ROLES = {"alarm": "reliability_engineer", "promote": "product_owner"}


def a_class(name: str = "refund", **more: Any) -> dict[str, Any]:
    """A class on the loop, with nine weeks of reviews."""
    periods = [
        {"start": f"2026-09-{day:02d}", "reviews": 100, "interventions": day % 7}
        for day in range(1, 28, 3)
    ]
    return {
        "action_class": name,
        "effect": "write",
        "blast_radius": "medium",
        "reversible": True,
        "mode": "on_the_loop",
        "effective": "on_the_loop",
        "why": [],
        "leased_until": "2026-11-02T09:00:00Z",
        "left": "on_the_loop",
        "lapsed": [],
        "move": "hold",
        "next": "out_of_the_loop",
        "missing": ["4,100 more reviews with at most 20 interventions."],
        "live": {
            "reviews": 900,
            "interventions": 27,
            "rate": 0.03,
            "high": 0.041,
            "trend_per_day": 0.0004,
            "periods": periods,
        },
        "cost": {"tasks": 900, "p50_usd": 0.021, "p99_usd": 0.34},
        "alarms": [],
        "accountable": "Mara Lindqvist",
        "needs": [],
        **more,
    }


def a_suite(name: str, *needs: str, **more: Any) -> dict[str, Any]:
    """A suite that was read whole."""
    return {
        "folder": f"suites/{name}",
        "suite": name,
        "release": {"name": f"{name}-agent", "version": "2026.10", "fingerprint": "sha256:0"},
        "problems": [],
        "warnings": [],
        "events": {"state": "read", "place": f"events/{name}.parquet", "counted": 900, "bad": 0},
        "gate": {
            "verdict": "pass",
            "at": "2026-10-30T08:00:00Z",
            "version": "2026.10",
            "is_current": True,
            "place": f".dialgate/verdict-{name}.json",
            "let_through": True,
            "reasons": [],
        },
        "readiness": [
            {"requirement": "owner", "met": True, "detail": "All five owners are named."},
            {"requirement": "kill_switch", "met": False, "detail": "No drill shows it."},
        ],
        "overdue": [],
        "owners": {"product_owner": "Mara Lindqvist"},
        "on_call": "Jonas Okafor",
        "classes": [a_class(needs=list(needs)), a_class("mail", blast_radius="low")],
        "needs": list(needs),
        **more,
    }


def a_decision(suite: str, kind: str, **more: Any) -> dict[str, Any]:
    """One decision on a suite."""
    return {
        "folder": f"suites/{suite}",
        "suite": suite,
        "kind": kind,
        "role": ROLES.get(kind, "evaluation_engineer"),
        "who": "Jonas Okafor",
        "sentence": f"A sentence on {kind} with figures: 15 of 57.",
        "classes": ["refund"],
        "command": f"dialgate dial lease suites/{suite}",
        **more,
    }


def a_fleet(suites: int = 40) -> dict[str, Any]:
    """The first nine suites need something each, the others nothing."""
    names = [f"agent-{number:02d}" for number in range(suites)]
    needing = dict(zip(names, KINDS, strict=False))
    return {
        "schema": 1,
        "at": "2026-11-01T08:00:00Z",
        "roots": ["suites"],
        "events": True,
        "order": [f"{kind}: why" for kind in KINDS],
        "notes": [],
        "decisions": [a_decision(name, kind) for name, kind in needing.items()],
        "suites": [a_suite(n, *([needing[n]] if n in needing else [])) for n in names],
    }


def hostile_fleet(text: str) -> dict[str, Any]:
    """A fleet of which every free text is this one."""
    item = a_class(
        text,
        why=[text],
        lapsed=[text],
        missing=[text],
        accountable=text,
        needs=["alarm"],
        alarms=[{"title": text, "reason": text, "suspect": text}],
    )
    suite = a_suite("x", "alarm") | {
        "folder": text,
        "suite": text,
        "release": {"name": text, "version": text, "fingerprint": text},
        "warnings": [text],
        "overdue": [text],
        "owners": {"product_owner": text},
        "on_call": text,
        "classes": [item],
        "events": {"state": "read", "place": text, "counted": 1, "bad": 1},
        "readiness": [{"requirement": "owner", "met": False, "detail": text}],
    }
    suite["gate"] = {**suite["gate"], "version": text, "place": text, "reasons": [text]}
    decision = a_decision("x", "alarm") | {
        "folder": text,
        "suite": text,
        "sentence": text,
        "who": text,
        "classes": [text],
        "command": text,
    }
    broken = {**a_suite("y", "unreadable"), "problems": [text], "classes": [], "suite": None}
    return {
        **a_fleet(0),
        "roots": [text],
        "notes": [text],
        "decisions": [decision],
        "suites": [suite, broken],
    }
