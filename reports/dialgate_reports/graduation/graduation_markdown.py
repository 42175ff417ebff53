"""The graduation report as Markdown: the same facts as the page, for a wiki, an issue or a mail.

A pure function of the document that `dial recommend --json` writes; every text is escaped. Leaves
the words to `dialgate_reports.graduation.graduation_words`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tabulate import tabulate

from dialgate_evals.files.plain_text import shorten
from dialgate_reports.graduation import folded_words as folded
from dialgate_reports.graduation import graduation_words as words
from dialgate_reports.graduation import in_force_words
from dialgate_reports.graduation.shared_readiness import (
    own_readiness,
    shared_readiness,
    shared_words,
)
from dialgate_reports.graduation.staying_markdown import staying_markdown
from dialgate_reports.words import figures
from dialgate_reports.words.markdown_text import cell, code, escape
from dialgate_reports.words.noticed import class_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dialgate_reports.page.subject import Subject

LIMIT_BYTES = 60_000
"""What GitHub takes as a comment, with room."""
_MOST_ROWS, _MOST_MOVES, _MOST_POINTS = 60, 20, 8
_POSITIONS = {
    "shadow": "●───", "in_the_loop": "─●──", "on_the_loop": "──●─", "out_of_the_loop": "───●",
}  # fmt: skip


def render(subject: Subject) -> str:
    """The recommendation's form in `dialgate_reports.formats`."""
    return render_graduation_markdown(subject.document)


def render_graduation_markdown(
    document: Mapping[str, Any], *, limit_bytes: int = LIMIT_BYTES
) -> str:
    """The report; classes at the end of the list are left out until it is under `limit_bytes`."""
    pairs = words.in_order(document)
    head = [_head(document), _dial(pairs), _decisions(document)]
    tail = [staying_markdown(pairs), _readiness(document), _reviewers(document), _ledger(document),
            _sources(document)]  # fmt: skip
    sections = [
        _class(document, entry, item) for entry, item in pairs if folded.is_open(entry, item)
    ]
    whole = len(sections)
    while True:
        note = _left_out(whole - len(sections))
        parts = [part for part in (*head, *sections, note, *tail) if part]
        text = "\n\n".join(parts) + "\n"
        if len(text.encode("utf-8", "backslashreplace")) <= limit_bytes or not sections:
            return text
        sections.pop()


def _left_out(number: int) -> str:
    if not number:
        return ""
    return f"*{number} more classes with a decision are left out here; the HTML page shows all.*"


def _head(document: Mapping[str, Any]) -> str:
    release, at = document["release"], words.moment(document["at"])
    return (
        f"# {_text(words.headline(document), 200)}\n\n"
        f"Graduation report of {_text(at, 40)}, release {_text(release['name'], 80)} "
        f"{_text(release['version'], 80)}. Evidence {code(document['evidence'])}."
        f"{_lease_warning(document)}"
    )


def _lease_warning(document: Mapping[str, Any]) -> str:
    text = document.get("lease_warning")
    return f"\n\n**{_text(text, 600)}**" if text else ""


def _dial(pairs: Sequence[tuple[dict[str, Any], dict[str, Any]]]) -> str:
    rows = [
        [
            _text(entry["action_class"], 80),
            _POSITIONS[entry["mode"]],
            words.mode(entry["mode"]),
            f"**{words.move_words(entry)}**" if entry["move"] != "hold" else "stay",
            _text(words.missing_words(entry), 200),
        ]
        for entry, _ in pairs[:_MOST_ROWS]
    ]
    more = len(pairs) - len(rows)
    note = f"\n\n*{more} more classes are left out of this table.*" if more else ""
    table = _table(
        rows, ["class", "dial", "now", "evidence says", "missing for the next position, or why"]
    )
    positions = "; ".join(f"{words.mode(name)}: {text}" for name, text in _meanings())
    return f"## The dial\n\nFrom left to right: {positions}.\n\n{table}{note}"


def _meanings() -> Iterator[tuple[str, str]]:
    yield from words.MODE_MEANINGS.items()


def _class(document: Mapping[str, Any], entry: Mapping[str, Any], item: Mapping[str, Any]) -> str:
    """A class with a decision, or whose mode in force lacks something."""
    lines = [f"## {_text(entry['action_class'], 80)}: {words.move_words(entry)}", ""]
    lines += [f"- **{_text(text, 600)}**" for text in entry["reasons"]]
    for point in (*entry["conditions"], *own_readiness(document, entry)):
        lines.append(_point(entry, point))
    shared = shared_words(document, entry)
    lines += [f"- {_text(shared, 300)}"] if shared else []
    lines += [f"- {_text(text, 300)}" for text in words.stale_lines(entry)]
    lines += [f"- {_text(text, 800)}" for text in [class_line(item)] if text]
    lines += _in_force(item)
    lines += _series(item)
    lines += ["", words.escalation_words(entry)] if item["series"] else []
    return "\n".join([*lines, *_against(item["against"])])


def _point(entry: Mapping[str, Any], point: Mapping[str, Any]) -> str:
    """A condition or a point of readiness: whether it is met, its name, its sentence."""
    needed = words.needed_words(entry, point) if "needed" in point else ""
    sentence = _text(point.get("sentence") or point.get("detail") or "", 600)
    more = f" **{needed}.**" if needed else ""
    return f"- {words.state_words(point)}, {_text(folded.name_of(point), 80)}: {sentence}{more}"


def _in_force(item: Mapping[str, Any]) -> list[str]:
    """What the mode that the class is in rests on; what it lost first."""
    lost = in_force_words.lost(item)
    head = [f"- **{in_force_words.lost_head(item).capitalize()}.**"] if lost else []
    lines = [f"- {_text(in_force_words.lost_sentence(each), 600)}" for each in lost]
    rests = in_force_words.rests_on(item)
    return [*head, *lines, *([f"- {rests}"] if rests else [])]


def _series(item: Mapping[str, Any]) -> list[str]:
    points = [point for point in item["series"] if point["reviews"]][-_MOST_POINTS:]
    if not points:
        return []
    rows = [
        [
            point["start"],
            cell(point["release"][:40]),
            "yes" if point["counts"] else "no",
            f"{point['interventions']}/{point['reviews']}",
            figures.percent(point["interventions"] / point["reviews"]),
            f"{point['escalations']}",
            f"{figures.percent(point['low'])} to {figures.percent(point['high'])}",
        ]
        for point in points
    ]
    heads = ["from", "release", "counts", "interventions", "rate", "escalations", "running rate"]
    return ["", "Interventions over time:", "", _table(rows, heads)]


def _against(against: Mapping[str, Any]) -> list[str]:
    if not against["shown"]:
        return []
    lines = ["", f"What speaks most against it. {words.against_words(against)}", ""]
    lines += [_case(item) if item["kind"] == "case" else _event(item) for item in against["shown"]]
    return lines


def _case(item: Mapping[str, Any]) -> str:
    marks = ", silent" * item["silent"] + ", critical" * item["critical"]
    outcome = _text(item["outcome"].replace("_", " "), 40)
    return (
        f"- test case {code(item['id'], 80)}: {outcome}{marks}, in {item['failed']} of "
        f"{item['trials']} trials; expected {code(item['expected'] or 'no action', 300)}, the "
        f"agent did {code(item['actual'] or 'nothing', 300)}"
    )


def _event(item: Mapping[str, Any]) -> str:
    who = f" by {_text(item['reviewer'], 60)}" if item["reviewer"] else ""
    why = f": “{_text(item['reason'], 200)}”" if item["reason"] else ""
    to = f", corrected to {code(item['corrected'], 300)}" if item["corrected"] else ""
    aside = "" if item["counts"] else ", which does not count for the next move"
    return (
        f"- event {code(item['id'], 80)} of {_text(item['at'][:16].replace('T', ' '), 20)}: "
        f"{_text(item['decision'].replace('_', ' '), 20)}{who}{why}; proposed "
        f"{code(item['proposed'], 300)}{to}{aside}"
    )


def _reviewers(document: Mapping[str, Any]) -> str:
    lines = ["## Do reviewers really look?", "", words.WAVED_THROUGH, ""]
    lines += [f"- **{_text(text, 400)}**" for text in document["queue_warnings"][:20]]
    rows = [
        [
            _text(item["reviewer"] or "not named", 60),
            f"{item['reviews']:,}",
            figures.percent(item["approval_rate"]),
            "–" if item["median_review_s"] is None else f"{item['median_review_s']:,.1f} s",
            f"{item['canaries_caught']} of {item['canaries']}" if item["canaries"] else "–",
            f"{item['alike']} of {item['shared']}" if item["shared"] else "–",
        ]
        for item in document["reviewers"][:_MOST_ROWS]
    ]
    if rows:
        heads = ["reviewer", "reviews", "approved", "median time", "canaries caught", "agrees"]
        lines += ["", _table(rows, heads)]
    return "\n".join(lines).rstrip()


def _readiness(document: Mapping[str, Any]) -> str:
    found = document["readiness"]
    lines = [
        f"- {words.state_words(item)}, {_text(folded.name_of(item), 80)}: "
        f"{_text(item['detail'], 300)}"
        for item in (*shared_readiness(document), *found["compensation"][:_MOST_ROWS])
    ]
    notes = (found.get("people_note"), *found.get("overdue", ()))
    lines += [f"- {_text(text, 300)}" for text in notes if text]
    return "\n".join(["## Readiness", "", *lines])


def _ledger(document: Mapping[str, Any]) -> str:
    entries = document["ledger"]["entries"][-_MOST_MOVES:]
    more = len(document["ledger"]["entries"]) - len(entries) + document["ledger"]["left_out"]
    rows = [
        [
            f"{item['number']}",
            _text(item["at"][:16].replace("T", " "), 20),
            _text(item["by"], 60),
            _text(item["action_class"], 80),
            f"{words.mode(item['before'])} → {words.mode(item['after'])}",
            _text(item["reason"] or "–", 200),
        ]
        for item in reversed(entries)
    ]
    body = _table(rows, ["no", "when", "who", "class", "move", "reason"]) if rows else "None yet."
    notes = [_text(text, 300) for text in document["ledger"]["notes"]]
    note = [f"*{more} earlier moves are left out.*"] if more else []
    return "\n\n".join(["## Past moves", body, *notes, *note])


def _sources(document: Mapping[str, Any]) -> str:
    lines = [
        f"- {words.SOURCES[item['name']]}: {code(item['place'], 200)} {code(item['digest'])}"
        for item in document["sources"]
    ]
    methods = [f"- {name}: {text}" for name, text in words.METHODS.items()]
    return "\n".join(["## Sources", "", *lines, *methods])


def _decisions(document: Mapping[str, Any]) -> str:
    blocks: list[str] = []
    for entry, _ in words.in_order(document):
        if not folded.decides(entry) or len(blocks) >= _MOST_ROWS:
            continue
        command = words.sign_command(document, entry)
        what = f"**{_text(entry['action_class'], 80)}**: {words.decision_words(entry)}"
        body = f"```sh\n{command}\n```" if command else "Type it: see `dialgate dial set --help`."
        blocks.append(f"{what}\n\n{body}")
    body = "\n\n".join(blocks) or "There is nothing to sign: every class stays where it is."
    return f"## Decisions to sign\n\n{body}"


def _table(rows: Sequence[Sequence[str]], heads: Sequence[str]) -> str:
    return tabulate(rows, heads, tablefmt="pipe", disable_numparse=True)


def _text(text: str, width: int) -> str:
    return escape(shorten(text, width))
