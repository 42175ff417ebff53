"""What each file of a pack shows, by kind of evidence; read from the pack's folder alone.

Leaves signed files to `signed_items`, and what requirements ask for to `dialgate_gate.audit.pack`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate.dial.operating.packing.signed_items import signed_items, unreadable_drills
from dialgate_evals.events.review_events import Mode
from dialgate_evals.files.problems import join_words
from dialgate_gate.audit.dial_ledger import disagreeing_classes
from dialgate_gate.audit.ledger import read_ledger
from dialgate_gate.audit.moves.signed_moves import ledger_defects
from dialgate_gate.audit.pack.exhibit import Exhibit, PackItem
from dialgate_gate.settings.people.roles import role_holders
from dialgate_gate.wording import count_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate.dial.operating.packing.open_pack import OpenPack

_POLICY, _DIAL, _LEDGER = "suite/policy.toml", "suite/dial.toml", "suite/ledger.jsonl"


def pack_items(pack: OpenPack) -> tuple[PackItem, ...]:
    """Every kind of evidence that is in the pack, in the order of the kinds."""
    found = [
        *_what_is_judged(pack),
        *_policy(pack),
        *_dial(pack),
        *_people(pack),
        *_counts(pack),
        *signed_items(pack),
    ]
    order = list(Exhibit)
    return tuple(sorted(found, key=lambda item: (order.index(item.exhibit), item.path)))


def unreadable(pack: OpenPack) -> list[str]:
    """Sentences: what is there as evidence and can't be read."""
    runs = pack.json("runs.json") or {}
    records = [f"{item['record']}: {item['why']}" for item in runs.get("unreadable", ())]
    return [*records, *(f"{path}: no signed drill" for path in unreadable_drills(pack))]


def _item(exhibit: Exhibit, path: str, says: str, *, holds: bool = True) -> PackItem:
    return PackItem(exhibit=exhibit, path=path, holds=holds, says=says)


def _what_is_judged(pack: OpenPack) -> Iterator[PackItem]:
    release = pack.release
    yield _item(
        Exhibit.RELEASE,
        "pack.json",
        f"Release {release.version}, fingerprint {release.fingerprint[:19]}, a digest for each of "
        f"{join_words(sorted(release.components))}.",
    )
    if any(pack.files("suite/suite.toml")):
        yield _item(Exhibit.SUITE, "suite/suite.toml", f"Suite {pack.document['suite']}.")
    cases = pack.json("cases.json")
    if cases is not None and cases["cases"]:
        origins = join_words([f"{n} {name}" for name, n in sorted(cases["origins"].items())])
        says = f"{count_of(cases['cases'], 'case')} ({origins}), {cases['critical']} critical."
        yield _item(Exhibit.CASES, "cases.json", says)
    classes = pack.document["classes"]
    if classes and any(pack.files("suite/actions.toml")):
        high = sum(item.get("blast_radius") == "high" for item in classes)
        final = sum(item.get("reversible") is False for item in classes)
        says = (
            f"Action classes: {len(classes)}, {high} of high blast radius, {final} that can't be "
            "taken back."
        )
        yield _item(Exhibit.ACTIONS, "suite/actions.toml", says)


def _policy(pack: OpenPack) -> Iterator[PackItem]:
    policy = pack.settings.policy
    gate, said = policy.gate, policy.document
    yield _item(
        Exhibit.THRESHOLDS,
        _POLICY,
        f"alpha {gate.alpha:g}, undecided: {gate.inconclusive.value}, thresholds of "
        f"{join_words(sorted(said['gate'])) or 'no key'}.",
    )
    if policy.ladder:
        names = join_words([mode.value.replace("_", " ") for mode in policy.ladder])
        yield _item(Exhibit.LADDER, _POLICY, f"Conditions of {names}.")
    if policy.demote is not None:
        limit = policy.demote.intervention_rate
        says = f"Interventions over {limit:.1%} take a class down (alpha {policy.demote.alpha:g})."
        yield _item(Exhibit.DEMOTION, _POLICY, says)
    if policy.watch is not None and policy.watch.rules:
        signals = [signal.value.replace("_", " ") for signal in policy.watch.rules]
        yield _item(Exhibit.WATCH, _POLICY, f"Watched: {join_words(signals)}.")
    lapse = said.get("lapse") or {}
    if lapse:
        rules = [f"{key.replace('_', ' ')}: {value}" for key, value in sorted(lapse.items())]
        yield _item(Exhibit.LAPSE, _POLICY, f"{join_words(rules)}.")
    if said.get("review_every"):
        every = policy.review_every
        says = f"Policy every {every.policy} days, cases {every.cases}, drills {every.drill}."
        yield _item(Exhibit.REVIEW_DATES, _POLICY, says)


def _dial(pack: OpenPack) -> Iterator[PackItem]:
    settings = pack.settings
    modes = [Mode(str(item["mode"])) for item in pack.document["classes"]]
    counts = [
        f"{n} {mode.value.replace('_', ' ')}" for mode in Mode if (n := modes.count(mode)) > 0
    ]
    path = _DIAL if any(pack.files(_DIAL)) else "pack.json"
    yield _item(Exhibit.DIAL, path, f"Modes of the classes: {join_words(counts) or 'none'}.")
    lines = [line for _, raw in pack.files(_LEDGER) for line in raw.splitlines(keepends=True)]
    entries, defects = read_ledger([line for line in lines if line.strip()])
    if not entries and not defects:
        return
    other = disagreeing_classes(settings.dial, entries) if not defects else []
    says = f"{count_of(len(entries), 'move')}, the chain holds."
    if defects:
        says = f"The chain is broken: {defects[0]}."
    elif other:
        says = f"dial.toml says another thing of {join_words(other)}."
    yield _item(Exhibit.LEDGER, _LEDGER, says, holds=not defects and not other)
    signed = sum(bool(entry.signatures) for entry in entries)
    if signed:
        wrong = ledger_defects(entries, str(pack.document["suite"]), settings.owners)
        says = f"{signed} of {count_of(len(entries), 'move')} signed"
        says += f"; {wrong[0]}" if wrong else " by people of owners.toml."
        yield _item(Exhibit.SIGNED_MOVES, _LEDGER, says, holds=not wrong)


def _people(pack: OpenPack) -> Iterator[PackItem]:
    settings = pack.settings
    if any(pack.files("suite/runbook.toml")):
        yield from _runbook(pack)
    if any(pack.files("suite/owners.toml")):
        holders = role_holders(settings.runbook.owners, settings.owners, pack.at.date())
        verified = [item for item in holders if item.is_verified]
        names = join_words([f"{item.role.replace('_', ' ')} {item.shown}" for item in holders])
        whole = len(verified) == len(holders)
        yield _item(Exhibit.OWNERS, "suite/owners.toml", f"{names}.", holds=whole)
    for name in ("suite/rota.toml", "suite/rota.ics"):
        if any(pack.files(name)):
            is_read = settings.rota is not None
            yield _item(
                Exhibit.ROTA,
                name,
                "A rota that can be read." if is_read else "A rota that can't be read.",
                holds=is_read,
            )


def _runbook(pack: OpenPack) -> Iterator[PackItem]:
    runbook = pack.settings.runbook
    parts = {
        "a kill switch": runbook.kill_switch is not None,
        "a release to fall back to": runbook.rollback is not None,
        f"what takes actions back, classes: {len(runbook.compensation)}": bool(
            runbook.compensation
        ),
    }
    there = [name for name, is_there in parts.items() if is_there]
    says = f"Declared: {join_words(there) or 'nothing'}."
    yield _item(Exhibit.RUNBOOK, "suite/runbook.toml", says, holds=bool(there))


def _runs(pack: OpenPack) -> Iterator[PackItem]:
    runs = pack.json("runs.json")
    if runs is None:
        return
    if runs["runs"]:
        vouched = sum(item["vouched_for"] for item in runs["runs"])
        says = f"{count_of(len(runs['runs']), 'record')}, {vouched} of them by the packing machine."
        yield _item(Exhibit.RUNS, "runs.json", says)
    for item in runs["unreadable"]:
        says = f"The record {item['record']} can't be read: {item['why']}."
        yield _item(Exhibit.RUNS, "runs.json", says, holds=False)


def _counts(pack: OpenPack) -> Iterator[PackItem]:
    yield from _runs(pack)
    reviews = pack.json("reviews.json")
    if reviews is not None and reviews["events"]["counted"]:
        events = reviews["events"]
        says = (
            f"{events['counted']:,} events of {count_of(reviews['reviewers'], 'reviewer')}; "
            f"{count_of(len(reviews['classes']), 'row')} by class, release and mode."
        )
        yield _item(Exhibit.REVIEWS, "reviews.json", says)
        if events["canaries"]:
            says = f"{events['canaries']:,} planted, {events['canaries_missed']:,} let through."
            yield _item(Exhibit.CANARIES, "reviews.json", says)
    graduation = pack.json("graduation.json")
    if graduation is not None and graduation["graduation"]:
        moves = [item["move"] for item in graduation["graduation"]]
        counts = [f"{moves.count(move)} {move}" for move in ("promote", "hold", "demote")]
        yield _item(Exhibit.READINESS, "graduation.json", f"Of the classes: {join_words(counts)}.")
