"""The fleet's words: the same at a terminal and on the page.

Pure, from the document that `fleet --json` writes; leaves layout to `fleet_text` and `fleet_page`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.files.problems import join_words
from dialgate_gate.wording import count_of
from dialgate_reports.words import figures

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MODES = ("shadow", "in_the_loop", "on_the_loop", "out_of_the_loop")
ROLES = ("reliability_engineer", "product_owner", "evaluation_engineer")
"""Who opens the page in the morning."""
_UNREVIEWED: Mapping[str, Any] = {"live": {"reviews": 0}}
REQUIREMENTS = {"owner": "owners", "kill_switch": "kill switch", "rollback": "rollback"}
_LEVEL = 0.1
"""A rate that moves by less, in points a week, is said to be level."""


def mode(word: str) -> str:
    """A mode in words, such as `in the loop`."""
    return word.replace("_", " ")


def role(word: str) -> str:
    """A role in words, such as `product owner`."""
    return word.replace("_", " ")


def headline(document: Mapping[str, Any]) -> str:
    """How many suites there are, and how many decisions they want."""
    suites, wanted = document["suites"], document["decisions"]
    shown = count_of(len(suites), "suite")
    if not wanted:
        return f"{shown}: no decision is wanted today"
    verb = "is" if len(wanted) == 1 else "are"
    in_suites = len({item["folder"] for item in wanted})
    where = "" if len(suites) == 1 else f", in {in_suites} of them"
    return f"{shown}: {count_of(len(wanted), 'decision')} {verb} wanted today{where}"


def kinds_line(document: Mapping[str, Any]) -> str:
    """How many decisions of each kind, in their order; empty without any."""
    counted: dict[str, int] = {}
    for item in document["decisions"]:
        counted[item["kind"]] = counted.get(item["kind"], 0) + 1
    order = sorted(counted, key=lambda kind: _place(document, kind))
    return ", ".join(f"{counted[kind]} {kind}" for kind in order)


def _place(document: Mapping[str, Any], kind: str) -> int:
    first = [item["kind"] for item in document["decisions"]]
    return first.index(kind)


def by_role(document: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Each role that a decision is for, with how many; those of the morning first, with 0 too."""
    counted = dict.fromkeys(ROLES, 0)
    for item in document["decisions"]:
        counted[item["role"]] = counted.get(item["role"], 0) + 1
    return list(counted.items())


def events_line(document: Mapping[str, Any]) -> str:
    """How many review events the rows rest on; that none were read."""
    if not document["events"]:
        return (
            "No events read: rates, costs and alarms are not known here. Say where they lie with "
            "--events."
        )
    suites = document["suites"]
    read = [item for item in suites if item["events"]["state"] == "read"]
    total = sum(item["events"]["counted"] for item in read)
    bad = sum(item["events"]["bad"] for item in read)
    left = f", {count_of(bad, 'bad row')} left out" if bad else ""
    return f"{count_of(total, 'event')} of {count_of(len(read), 'suite')} read{left}."


def name(suite: Mapping[str, Any]) -> str:
    """What the suite is called."""
    return str(suite["suite"] or suite["folder"])


def first_need(item: Mapping[str, Any]) -> str:
    """The gravest kind, and how many more: `alarm +1`; a dash for nothing."""
    kinds = item["needs"]
    more = f" +{len(kinds) - 1}" if len(kinds) > 1 else ""
    return f"{kinds[0]}{more}" if kinds else "–"


def most_stopped(suite: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The class whose rate may be the highest, of those with reviews; None: none has any."""
    known = [item for item in suite["classes"] if item["live"]["reviews"]]
    return max(known, key=lambda item: item["live"]["high"], default=None)


def dearest(suite: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The class with the highest P99 of a task's cost; None: no cost is known."""
    known = [item for item in suite["classes"] if item["cost"]["p99_usd"] is not None]
    return max(known, key=lambda item: item["cost"]["p99_usd"], default=None)


def no_rate(suite: Mapping[str, Any]) -> str:
    """Why a suite has no rate."""
    return rate(_UNREVIEWED, suite) if suite["classes"] else alone(suite)


def alone(suite: Mapping[str, Any]) -> str:
    """The most that a write of the suite may do now."""
    writes = [item for item in suite["classes"] if item["effect"] == "write"]
    if not suite["classes"]:
        return "not known" if suite["problems"] else "no class"
    if not writes:
        return "no writes"
    return mode(max((item["effective"] for item in writes), key=MODES.index))


def how_many_alone(suite: Mapping[str, Any]) -> str:
    """How many of the classes that write may do so; empty without any."""
    writes = [item["effective"] for item in suite["classes"] if item["effect"] == "write"]
    if not writes:
        return ""
    most = max(writes, key=MODES.index)
    return f"{writes.count(most)} of {count_of(len(writes), 'kind')} of writes"


def effective(item: Mapping[str, Any]) -> str:
    """The mode, and what a runtime gets where that is less."""
    if item["effective"] == item["mode"]:
        return mode(item["mode"])
    return f"{mode(item['mode'])} → {mode(item['effective'])}"


def rate(item: Mapping[str, Any], suite: Mapping[str, Any]) -> str:
    """How often people stepped in; why that isn't known."""
    state = suite["events"]["state"]
    if state != "read":
        return {"not asked": "no events read", "none there": "no events there"}.get(
            state, str(state)
        )
    live = item["live"]
    if not live["reviews"]:
        return "no review counts"
    return f"{figures.percent(live['rate'])} of {live['reviews']:,}"


def bound(item: Mapping[str, Any]) -> str:
    """What the rate is shown to be under; empty where nothing is known."""
    high = item["live"]["high"]
    return "" if high is None else f"under {figures.percent(high)}"


def trend(item: Mapping[str, Any]) -> str:
    """Where the rate is going: an arrow and points a week; empty where it can't be said."""
    slope = item["live"]["trend_per_day"]
    if slope is None:
        return ""
    points = 100 * 7 * slope
    if abs(points) < _LEVEL:
        return "→ level"
    return f"{'↑' if slope > 0 else '↓'} {abs(points):.2g} points a week"


def cost(item: Mapping[str, Any]) -> str:
    """What a task costs: the middle, and the hundredth that costs most."""
    found = item["cost"]
    if found["p50_usd"] is None:
        return "not known"
    return f"${figures.money(found['p50_usd'])}, P99 ${figures.money(found['p99_usd'])}"


def gate(suite: Mapping[str, Any]) -> str:
    """The last gate and its day; that there is none here, or that it judged another release."""
    found = suite["gate"]
    if found is None:
        return "not known" if suite["problems"] else "no verdict here"
    day = f", {found['at'][:10]}" if found["at"] else ""
    other = "" if found["is_current"] else f" of another release ({found['version']})"
    return f"{found['verdict']}{other}{day}"


def readiness(suite: Mapping[str, Any]) -> str:
    """Which of owners, kill switch and rollback are there."""
    items = suite["readiness"]
    if not items:
        return "not known"
    lacking = [REQUIREMENTS.get(i["requirement"], i["requirement"]) for i in items if not i["met"]]
    return f"lacks {join_words(lacking)}" if lacking else "ready"


def accountable(suite: Mapping[str, Any]) -> str:
    """Who answers for the suite's classes."""
    found = list(dict.fromkeys(item["accountable"] for item in suite["classes"]))
    if not found:
        return str(suite["owners"].get("product_owner") or "not known")
    return join_words(found[:2]) + (f" and {len(found) - 2} more" if len(found) > 2 else "")


def alarms(suite: Mapping[str, Any]) -> str:
    """How many alarms; that nobody could look for any."""
    number = sum(len(item["alarms"]) for item in suite["classes"])
    if number:
        return count_of(number, "alarm")
    was_read = suite["events"]["state"] == "read" and suite["events"]["counted"]
    return "none" if was_read else "not looked for"


def about(item: Mapping[str, Any]) -> str:
    """The classes that a decision is about, the first few; empty: the suite as a whole."""
    classes: Sequence[str] = item["classes"]
    more = f" and {len(classes) - 3} more" if len(classes) > 3 else ""
    return ", ".join(classes[:3]) + more


def whose(item: Mapping[str, Any]) -> str:
    """The role that decides, with the person where one is named."""
    return f"{role(item['role'])}: {item['who']}" if item["who"] else role(item["role"])


def next_line(item: Mapping[str, Any]) -> str:
    """What the class's next mode still asks for; empty where it falls."""
    if item["move"] == "demote":
        return ""
    if item["next"] is None:
        return "There is no further mode."
    if item["move"] == "promote":
        return f"Everything that {mode(item['next'])} asks for is shown."
    return f"For {mode(item['next'])}: " + (" ".join(item["missing"]) or "nothing is missing.")
