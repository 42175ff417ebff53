"""What a person must know of the evidence before they trust the verdict, in short sentences.

Stands on the first screen and in the comment: whether the verdict is sealed, what the change does
to its judge, calls that broke their schema, answers that were cut off, trials that are missing, and
what this check could have seen. Decides nothing; what a document doesn't say is not said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.files.plain_text import shorten
from dialgate_evals.files.problems import join_words
from dialgate_gate.wording import count_of, name_cases
from dialgate_reports.words.blame_lines import blamed_line
from dialgate_reports.words.figures import percent
from dialgate_reports.words.handed_over import handed_over

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_MOST_TEXT = 300
_MOST_CHANGES = 4
_MOST_LEASES = 600

_BEFORE = "{} of {} before"
_THIN = {
    "broke_off": ("The agent broke off in {} of {}", _BEFORE),
    "timed_out": ("The agent timed out in {} of {}", _BEFORE),
    "cut_off": ("{share} of the trials were cut off", "{old_share} before"),
    "filtered": ("The provider's filter stopped the answer in {} of {}", _BEFORE),
    "malformed": ("The model's call could not be read in {} of {}", _BEFORE),
    "refusals": ("The model refused in {} of {}", _BEFORE),
}
"""Kinds of failure that are thin and wide, and what is said of each now and of before."""


def alert_lines(document: dict[str, Any]) -> list[str]:
    """What went wrong around the trials, the weightiest first; empty where nothing did."""
    lines = [
        blamed_line(document),
        _judge_changes(document),
        *_counted(document),
        *_thin(document),
        _shift(document),
        _undecided(document),
        _died(document),
        _missing(document),
    ]
    return [line for line in lines if line]


def notice_lines(document: dict[str, Any]) -> list[str]:
    """What it is worth: why it is unsealed, which modes no lease ends, what it could have seen."""
    lines = [
        seal_line(document),
        shorten(str(document.get("lease_warning") or ""), _MOST_LEASES),
        _errored(document),
        _detection(document),
        handed_over(document),
    ]
    return [line for line in lines if line]


def seal_line(document: dict[str, Any]) -> str:
    """Why the change could have moved, fed or read its judge; empty where it could not."""
    if document.get("sealed") is not False:
        return ""
    why = document.get("sealed_why") or ()
    said = " ".join(f"{text.rstrip('.')}." for text in _texts(why))
    return f"Unsealed: {said or 'The change could reach its judge.'}"


def _judge_changes(document: dict[str, Any]) -> str:
    """What the change does to what judges it, allowed or not."""
    changes = _texts(document.get("judge_changes"))
    if not changes:
        return ""
    more = len(changes) - _MOST_CHANGES
    shown = "; ".join(text.rstrip(".") for text in changes[:_MOST_CHANGES])
    return f"The change touches its own judge: {shown}{f'; and {more} more' if more > 0 else ''}."


def _texts(value: Any) -> list[str]:  # noqa: ANN401 - JSON data
    """Sentences, whether they stand alone, in a list, or in entries with more beside them."""
    if not value:
        return []
    items = value if isinstance(value, list) else [value]
    found = []
    for item in items:
        text = item
        if isinstance(item, dict):
            text = item.get("sentence") or _judge_change(item)
        if text:
            found.append(shorten(str(text), _MOST_TEXT))
    return found


def _judge_change(item: Mapping[str, Any]) -> str:
    """`raises gate.alpha (policy.toml), allowed by suite-change`."""
    allowed = f", allowed by {item.get('label')}" if item.get("allowed") else ""
    return f"{item.get('detail') or ''} ({item.get('path') or 'no path'}){allowed}".strip()


def _sides(document: dict[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    usage = document["usage"]
    return usage.get("baseline") or {}, usage.get("candidate") or {}


_COUNTED = {
    "invalid_calls": "Calls that break their tool's schema",
    "text_calls": "Texts that look like calls that nobody parsed",
}
"""Things of which one trial may hold several."""


def _counted(document: dict[str, Any]) -> list[str]:
    """Calls that break their schema or are none, where a trial has more of them than before."""
    before, now = _sides(document)
    lines = [
        _count(words, now.get(key) or 0, _ran(now), before.get(key) or 0, _ran(before))
        for key, words in _COUNTED.items()
    ]
    return [line for line in lines if line]


def _count(words: str, number: int, trials: int, old: int, earlier: int) -> str:
    if not number or not trials or (earlier and number * earlier <= old * trials):
        return ""
    since = f", {old:,} in {count_of(earlier, 'trial')} before" if earlier else ""
    rose = " rose" if since else ""
    return f"{words}{rose}: {number:,} in {count_of(trials, 'trial')}{since}."


def _ran(side: Mapping[str, Any]) -> int:
    """Trials that could be run, where the document counts them apart."""
    return int(side.get("finished", side.get("trials")) or 0)


def _thin(document: dict[str, Any]) -> list[str]:
    """`The agent broke off in 5 of 100 trials, 0 of 300 before.`, where it became more.

    From the check's own rates over all trials where it has them, else from both first runs.
    """
    counted = document.get("thin_failures")
    before, now = _sides(document)
    lines = []
    for kind, words in _THIN.items():
        if counted:
            counts, trials = counted["kinds"].get(kind) or {}, counted["trials"]
            sides = [(counts.get(side, 0), trials.get(side, 0)) for side in _SIDES]
        else:
            sides = [(side.get(kind) or 0, _ran(side)) for side in (before, now)]
        lines.append(_rate(words, old=sides[0], new=sides[1]))
    return [line for line in lines if line]


_SIDES = ("baseline", "candidate")


def _rate(words: tuple[str, str], *, old: tuple[int, int], new: tuple[int, int]) -> str:
    """Counts of trials as `(with it, in all)`; empty where there are not more than before."""
    is_known = bool(old[1])
    if not new[0] or not new[1] or (is_known and new[0] * old[1] <= old[0] * new[1]):
        return ""
    now, before = words
    return (f"{now}, {before}." if is_known else f"{now}.").format(
        *(f"{new[0]:,}", count_of(new[1], "trial"), f"{old[0]:,}", f"{old[1]:,}"),
        share=percent(new[0] / new[1]),
        old_share=percent(old[0] / old[1]) if is_known else "",
    )


def _shift(document: dict[str, Any]) -> str:
    """The baseline's fresh trials lie far from its record: both sides may be hit."""
    found = document.get("baseline_drift")
    if not found or not found.get("is_seen"):
        return ""
    trials = count_of(found["trials"], "fresh trial")
    return (
        f"The baseline itself moved: {found['passed']:,} of {trials} of it passed, "
        f"{found['expected']:g} were to be expected from its record."
    )


def _died(document: dict[str, Any]) -> str:
    """The agent's own process ended in the middle: said also where the trials were run again."""
    before, now = _sides(document)
    if not now.get("workers_died"):
        return ""
    since = f", {before['workers_died']:,} before" if "workers_died" in before else ""
    return f"The agent's process died {count_of(now['workers_died'], 'time')}{since}."


def _undecided(document: dict[str, Any]) -> str:
    """Patterns and schemas without end: which case, so that somebody can mend it."""
    found = document.get("undecided") or []
    if not found:
        return ""
    cases = list(dict.fromkeys(shorten(str(item.get("case")), 100) for item in found))
    what = shorten(str(found[0].get("what")), _MOST_TEXT)
    failed = "fails" if len(cases) == 1 else "fail"
    return (
        f"Can't be decided in time, so that {count_of(len(cases), 'case')} {failed}: "
        f"{name_cases(cases)} (first {what})."
    )


def _missing(document: dict[str, Any]) -> str:
    """Cases with trials on one side only, over all classes."""
    found: dict[str, None] = {}
    for item in document["classes"]:
        found.update(dict.fromkeys(_ids(item.get("missing_one_sided"))))
    if not found:
        return ""
    are = "has trials on one side only and is" if len(found) == 1 else _ONE_SIDED
    return f"{count_of(len(found), 'case')} {are} counted at the worst: {name_cases(list(found))}."


_ONE_SIDED = "have trials on one side only and are"


def _ids(value: Iterable[Any] | None) -> list[str]:
    return [
        shorten(str(item.get("case") if isinstance(item, dict) else item), 100)
        for item in value or ()
    ]


def _errored(document: dict[str, Any]) -> str:
    """Trials that could not be run though they are under the limit; over it they are a gap."""
    before, now = _sides(document)
    parts = [
        f"{side['errored']:,} of {count_of(side['trials'], 'trial')} {word}"
        for side, word in ((now, "now"), (before, "before"))
        if side.get("errored")
    ]
    is_gap = any(gap["gap"] == "too_many_errored" for gap in document["gaps"])
    if not parts or is_gap:
        return ""
    return f"Could not be run, under the limit: {', '.join(parts)}{_first(now, before)}."


def _first(*sides: Mapping[str, Any]) -> str:
    """Which trial could not be run first, and why; empty where the document doesn't say."""
    found = next((side["first_errored"] for side in sides if side.get("first_errored")), None)
    if found is None:
        return ""
    why = shorten(str(found.get("why")), _MOST_TEXT).rstrip(".")
    return f"; the first, {shorten(str(found.get('case')), 100)}, because: {why}"


def _detection(document: dict[str, Any]) -> str:
    """What this check would have found: a fully broken case, losses of some sizes, blind spots."""
    found = document.get("detection")
    if not found:
        return ""
    parts = []
    blind = _texts(found.get("blind_to"))
    seen = _UNSEEN if blind else 0.0
    if (found.get("broken_case") or 0.0) >= seen and found.get("broken_case") is not None:
        parts.append(
            f"a case that broke fully would have been found {_often(found['broken_case'])}"
        )
    losses = sorted((found.get("loss") or {}).items(), key=lambda pair: float(pair[0]))
    for size, chance in losses:
        if chance is not None and chance >= seen:
            parts.append(f"a loss of {100 * float(size):g} points {_often(chance)}")
    if blind and not parts:
        return f"This check is blind to {_joined(blind)}."
    if blind:
        parts.append(f"blind to {_joined(blind)}")
    if not parts:
        return ""
    return f"What this check could see: {', '.join(parts)}."


def _joined(parts: list[str]) -> str:
    """`a, b and c`; with semicolons where a part has a comma of its own."""
    if any("," in part for part in parts):
        return "; ".join(parts)
    return join_words(parts)


_UNSEEN = 0.1
# what is found less often is named among what the check is blind to


def _often(chance: float) -> str:
    """`9 times in 10`; a chance near an end in per cent, where tenths would say always or never."""
    tenths = round(10 * chance)
    if 0 < tenths < 10:
        return f"{tenths} times in 10" if tenths > 1 else "1 time in 10"
    return f"{percent(chance)} of the time"
