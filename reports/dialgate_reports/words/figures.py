"""Figures of a verdict document as short words: rates, differences, intervals, outcomes.

The same words in the terminal, Markdown and HTML; leaves layout to each of them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Self

from dialgate_evals.files.plain_text import shorten
from dialgate_gate.wording import count_of

if TYPE_CHECKING:
    from collections.abc import Callable


def rate(side: dict[str, Any] | None) -> str:
    """Successes of trials and the rate: `32/44 73 %`."""
    if side is None:
        return "–"
    if not side["trials"]:
        return "no trial"
    return f"{side['successes']}/{side['trials']} {percent(side['success_rate'])}"


def percent(value: float | None) -> str:
    """`73 %`; one digit behind the point near the ends, where it matters."""
    if value is None:
        return "–"
    shown = 100 * value
    near_an_end = 0 < shown < 5 or 95 < shown < 100
    return f"{shown:.1f} %" if near_an_end else f"{shown:.0f} %"


def points(value: float | None) -> str:
    """A difference in points with its sign."""
    if value is None:
        return "–"
    return f"{100 * value:+.1f}".replace("-", "−")


def interval(item: dict[str, Any]) -> str:
    """The difference with its interval, in points: `−20.5 [−37.1, −3.0]`."""
    ends = item["interval"]
    if ends is None:
        return points(item["difference"])
    return f"{points(item['difference'])} [{points(ends[0])}, {points(ends[1])}]"


def short_interval(item: dict[str, Any]) -> str:
    """As `interval`, in whole points, for narrow tables."""
    values = [item["difference"], *(item["interval"] or ())]
    shown = [f"{100 * value:+.0f}".replace("-", "−") for value in values if value is not None]
    if len(shown) < 3:
        return "".join(shown) or "–"
    return f"{shown[0]} [{shown[1]}, {shown[2]}]"


def count(side: dict[str, Any] | None) -> str:
    """Successes of trials: `32/44`."""
    return "–" if side is None else f"{side['successes']}/{side['trials']}"


def silent(item: dict[str, Any]) -> str:
    """Silent failures before and now: `2 → 5`, a dash for a side without trials."""
    sides = [item[side] for side in ("baseline", "candidate") if item[side] is not None]
    return " → ".join(str(side["silent"]) if side["trials"] else "–" for side in sides)


def moves(item: dict[str, Any]) -> str:
    """Broken and fixed cases: `12 broken, 3 fixed`."""
    cases = item["cases"]
    parts = [f"{len(cases[key])} {key}" for key in ("broken", "fixed", "flaky") if cases[key]]
    if item.get("open") and item["verdict"] != "fail":
        parts.append(f"{len(item['open'])} open")
    if item.get("invalid"):
        parts.append(f"{item['invalid']} with new invalid calls")
    return ", ".join(parts) or "–"


class Line(str):
    """A line that people read, of which a page sets off what it is about."""

    __slots__ = ("lead", "names_broken", "rest")

    lead: str
    # what it is about; empty: nothing is set off
    rest: str
    names_broken: bool
    # whether the rest names the cases that broke, which a page links

    def __new__(cls, lead: str, rest: str, *, names_broken: bool = False) -> Self:
        """The line `lead: rest`, or the rest alone."""
        made = super().__new__(cls, f"{lead}: {rest}" if lead else rest)
        made.lead, made.rest, made.names_broken = lead, rest, names_broken
        return made


NO_LINE = Line("", "")
"""Nothing to say."""


def suite_line(document: dict[str, Any]) -> Line:
    """The suite as a whole: trials passed now and before, the difference, what moved."""
    estimates = document["suite_estimates"]
    now, before = estimates["candidate"], estimates["baseline"]
    if document.get("unchanged") and not now["trials"]:
        return Line("", "No trial was run.")
    if document.get("unchanged"):
        passed = f"{now['passed']} of {count_of(now['trials'], 'trial')} passed."
        return Line("Added cases", passed)
    text = f"{now['passed']} of {count_of(now['trials'], 'trial')} passed"
    if before is None:
        return Line("Whole suite", f"{text}.")
    cases = document["cases"]
    moved = f"{count_of(len(cases['broken']), 'case')} broke, {len(cases['fixed'])} got fixed"
    return Line(
        "Whole suite",
        f"{text}, {before['passed']} of {before['trials']} before "
        f"({interval(estimates)} points); {moved}.",
    )


def suite_lines(document: dict[str, Any]) -> list[Line]:
    """The suite as a whole, and its hold-out apart where it has one."""
    lines = (suite_line(document), split_line(document))
    return [line for line in lines if line]


def split_line(document: dict[str, Any]) -> Line:
    """The hold-out cases beside the others; empty where no case is held out."""
    splits = {item["split"]: item for item in document.get("splits") or ()}
    if "holdout" not in splits:
        return NO_LINE
    parts = [f"held out from tuning {_passed(splits['holdout'])}"]
    if "open" in splits:
        parts.append(f"the other cases {_passed(splits['open'])}")
    return Line("Trials passed", f"{'; '.join(parts)}.")


def _passed(item: dict[str, Any]) -> str:
    now, before = item["candidate"], item["baseline"]
    shown = f"{now['passed']} of {now['trials']}"
    if now["trials"]:
        shown += f" ({percent(now['passed'] / now['trials'])})"
    if before is None:
        return shown
    return f"{shown}, {before['passed']} of {before['trials']} before"


def usage_line(document: dict[str, Any]) -> str:
    """Agent calls and what the check cost, as one line."""
    usage = document["usage"]
    parts = [count_of(usage["agent_calls"], "agent call")]
    for key, noun in (("user_calls", "user call"), ("judge_calls", "judge call")):
        if usage.get(key):
            parts.append(count_of(usage[key], noun))
    if usage["cached"]:
        parts.append(f"{count_of(usage['cached'], 'trial')} from records")
    if usage["cost_usd"] is not None:
        parts.append(f"{usage['cost_usd']:.2f} US dollars")
    return " · ".join(parts)


def money(value: float) -> str:
    """An amount with three digits that say something, and at least cents.

    >>> money(12.5), money(0.0132), money(0.00029871), money(0)
    ('12.50', '0.0132', '0.000299', '0.00')
    """
    digits = 2 if not value else min(max(2, 2 - math.floor(math.log10(abs(value)))), 12)
    return f"{value:,.{digits}f}"


_PER_TASK: tuple[tuple[str, str, Callable[[float], str], str], ...] = (
    ("cost_per_task_usd", "cost per task", money, " USD"),
    ("latency_p50_ms", "P50 latency", "{:,.0f}".format, " ms"),
    ("latency_p95_ms", "P95 latency", "{:,.0f}".format, " ms"),
    ("tool_calls_per_task", "tool calls per task", "{:.1f}".format, ""),
)


_SHARES = (
    ("cut_off", "trials cut off"),
    ("filtered", "trials ended by a content filter"),
    ("malformed", "trials ended by a call that could not be read"),
    ("refusals", "trials with a refusal"),
)
_COUNTS = (
    ("invalid_calls", "calls that break their schema"),
    ("text_calls", "texts that look like unparsed calls"),
)


def endings(document: dict[str, Any]) -> list[str]:
    """How answers ended and what was odd about them, before and now, where anything was.

    >>> side = {"finished": 20, "cut_off": 9, "invalid_calls": 0, "text_calls": 0}
    >>> endings({"usage": {"baseline": {**side, "cut_off": 0}, "candidate": side}})
    ['trials cut off 0 % → 45 %']
    """
    sides = [document["usage"][name] or {} for name in ("baseline", "candidate")]
    known = [side for side in sides if side.get("finished")]
    parts = []
    for key, words in _SHARES:
        if any(side.get(key) for side in known):
            shares = [percent(side.get(key, 0) / side["finished"]) for side in known]
            parts.append(f"{words} {' → '.join(shares)}")
    for key, words in _COUNTS:
        counts = [side.get(key, 0) for side in known]
        if any(counts):
            parts.append(f"{words} {' → '.join(f'{count:,}' for count in counts)}")
    return parts


def task_line(document: dict[str, Any]) -> str:
    """Cost, latency and tool calls of a task, before and now, and how answers ended.

    Empty where nothing says them.
    """
    before, now = document["usage"]["baseline"] or {}, document["usage"]["candidate"] or {}
    parts = []
    for key, words, form, unit in _PER_TASK:
        values = [side[key] for side in (before, now) if side.get(key) is not None]
        if now.get(key) is not None:
            parts.append(f"{words} {' → '.join(form(value) for value in values)}{unit}")
    parts += endings(document)
    text = " · ".join(parts)
    return text[:1].upper() + text[1:]


def counts_line(document: dict[str, Any]) -> str:
    """Cases that did not simply pass, break or get fixed: `Cases: 2 flaky, 1 quarantined.`"""
    cases = document["cases"]
    kinds = [key for key in cases if key not in {"broken", "fixed"} and cases[key]]
    parts = [f"{len(cases[key])} {key}" for key in kinds]
    return f"Cases: {', '.join(parts)}." if parts else ""


def pass_line(document: dict[str, Any]) -> str:
    """pass^1 to pass^k of each side that has repeated trials; empty where neither has."""
    parts = []
    for side in ("baseline", "candidate"):
        rates = document["pass_rates"][side]
        if len(rates) > 1:
            shown = ", ".join(f"{value:.3f}" for value in rates)
            parts.append(f"{side} pass^1..{len(rates)}: {shown}")
    return " · ".join(parts)


def flaky_line(document: dict[str, Any], most: int = 5) -> str:
    """Cases that flip without a change of release, with their rates; empty where none does."""
    found = document.get("flaky_rates") or {}
    rates = sorted(found.items(), key=lambda pair: (-pair[1]["failure_rate"], pair[0]))
    if not rates:
        return ""
    named = [
        f"{shorten(case, 120)} fails {item['trials'] - item['passed']} of {item['trials']}"
        for case, item in rates[:most]
    ]
    more = f" and {len(rates) - most} more" if len(rates) > most else ""
    return f"Flaky without a change of release: {', '.join(named)}{more}."


def name_change(change: dict[str, Any]) -> str:
    """A change by component and path, such as `prompts prompts/system.md`."""
    return f"{change['component']} {change['path']}".rstrip()


def change_kind(change: dict[str, Any]) -> str:
    """What kind of change it is, in words for people."""
    return str(change["kind"]).replace("_", " ")
