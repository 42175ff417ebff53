"""What a change does to the dial and its ledger.

A mode moves by an entry that follows the base's ledger, supported or a demotion; anything else is a
change of the judge. Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.actions.action_classes import UNCLASSIFIED
from dialgate_gate.audit.dial_ledger import disagreeing_classes, head_of
from dialgate_gate.audit.ledger import modes_after, read_ledger
from dialgate_gate.audit.moves.signed_moves import signing_shortfall
from dialgate_gate.changes.judged.judge_change import JudgeChange, Label

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Sequence

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_gate.audit.ledger import LedgerEntry
    from dialgate_gate.audit.moves.signed_moves import SigningRules
    from dialgate_gate.settings.dial import DialSettings
    from dialgate_gate.settings.policy import Policy


def dial_changes(
    *,
    baseline_dial: DialSettings,
    candidate_dial: DialSettings,
    baseline_ledger: Iterable[bytes],
    candidate_ledger: Iterable[bytes],
    actions: ActionRegistry,
    policy: Policy,
    rules: SigningRules,
    today: dt.date,
) -> Iterator[JudgeChange]:
    """How the change moves modes beside the ledger, or the ledger itself; classes and policy are
    the base's, and so are the people whose signatures count."""
    before, _ = read_ledger(baseline_ledger)
    now, defects = read_ledger(candidate_ledger)
    for defect in defects:
        yield _ledger(f"breaks the chain of the ledger: {defect}")
    if defects:
        return
    if now[: len(before)] != before:
        yield _ledger(
            f"takes back the ledger: the base's head {head_of(before)[:19]} is not in it any more"
        )
        return
    if not now:
        changed = _differing(baseline_dial, candidate_dial)
    else:
        changed = disagreeing_classes(candidate_dial, now)
    for name in changed:
        yield _dial(f"moves {name} without the ledger, or says otherwise than the ledger")
    yield from _unsupported(now, len(before), baseline_dial, actions, policy)
    yield from _unsigned(now[len(before) :], actions, rules, today)


def _differing(before: DialSettings, now: DialSettings) -> list[str]:
    names = sorted({*before.entries, *now.entries})
    return [name for name in names if before.entries.get(name) != now.entries.get(name)]


def _unsupported(
    entries: Sequence[LedgerEntry],
    known: int,
    dial: DialSettings,
    actions: ActionRegistry,
    policy: Policy,
) -> Iterator[JudgeChange]:
    """Promotions and confirmations among the new entries that no evidence supports, or could."""
    for number in range(known, len(entries)):
        entry = entries[number]
        action_class = actions.get(entry.action_class)
        earlier = modes_after(entries[:number]).get(entry.action_class)
        if action_class is None:
            continue
        mode = dial.mode_of(action_class) if earlier is None else earlier.after
        if entry.before is not mode:
            yield _ledger(f"moves {entry.action_class} from {entry.before}, though it is in {mode}")
        elif entry.after.rank > mode.rank or entry.is_confirmation:
            from dialgate_gate.ladder.promotion import forbidden_move  # noqa: PLC0415 - rare

            found = forbidden_move(action_class, mode, entry.after, policy)
            if entry.reason is not None:
                found.append("it goes against the recommendation")
            elif entry.evidence is None:
                found.append("it names no evidence")
            if found:
                text = f"{_does(entry)}: {' '.join(found)}"
                yield _ledger(text.rstrip("."))


def _does(entry: LedgerEntry) -> str:
    verb = "confirms" if entry.is_confirmation else "moves"
    return f"{verb} {entry.action_class} {'in' if entry.is_confirmation else 'to'} {entry.after}"


def _unsigned(
    entries: Sequence[LedgerEntry], actions: ActionRegistry, rules: SigningRules, today: dt.date
) -> Iterator[JudgeChange]:
    """Moves without the signatures that the base asks for; a key that the change brings is none."""
    for entry in entries:
        action_class = actions.get(entry.action_class) or UNCLASSIFIED
        found = signing_shortfall(entry, action_class, rules, today)
        if found:
            text = f"{_does(entry)}: {' '.join(found)}"
            yield _ledger(text.rstrip("."))


def _ledger(detail: str) -> JudgeChange:
    return JudgeChange(path="ledger.jsonl", detail=detail, label=Label.RUNBOOK)


def _dial(detail: str) -> JudgeChange:
    return JudgeChange(path="dial.toml", detail=detail, label=Label.RUNBOOK)
