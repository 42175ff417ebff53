"""All claims of a file against all cases there are: new cases, merged ones, and what is set aside.

Pure: gives what the files should hold and the fate of every event; leaves reading and writing to
`dialgate.cases.deriving`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.events.deriving.candidates import CandidateSample, in_stable_order
from dialgate_evals.events.deriving.claims import Claim, Fate, NoClaim
from dialgate_evals.events.deriving.derivation import (
    Derivation,
    DeriveSettings,
    EventFate,
    Standing,
)
from dialgate_evals.events.deriving.documents import (
    Document,
    adjudication,
    case_id,
    claims_of_case,
    claims_of_entry,
    event_ids,
    golden_candidate,
    is_held_out,
    is_sealed,
    reviewer_case,
)
from dialgate_evals.events.deriving.weighing import weigh, why_not_both
from dialgate_evals.suite.case import Origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dialgate_evals.events.deriving.claims import ClaimReader
    from dialgate_evals.events.review_events import ReviewEvent
    from dialgate_evals.suite.case import Case


def derive_cases(
    events: Iterable[ReviewEvent],
    standing: Standing,
    reader: ClaimReader,
    settings: DeriveSettings,
) -> Derivation:
    """What the events add to the standing cases; events that are known already add nothing."""
    return _Deriving(standing, reader, settings).run(events)


class _Deriving:
    def __init__(self, standing: Standing, reader: ClaimReader, settings: DeriveSettings) -> None:
        self._standing, self._reader, self._settings = standing, reader, settings
        self._judge = reader.judge
        self._found = Derivation(entries=[dict(entry) for entry in standing.entries])
        self._ids = {case.id for case in (*standing.cases, *standing.candidates)}
        self._places: dict[str, str] = {}
        self._by_context: dict[str, list[Case]] = {}
        for case in standing.cases:
            self._by_context.setdefault(case.decision_digest, []).append(case)
        self._candidates = {c.decision_digest: c for c in standing.candidates if is_sealed(c)}

    def run(self, events: Iterable[ReviewEvent]) -> Derivation:
        self._settle_entries()
        contexts: dict[str, list[Claim]] = {}
        for claim in sorted(self._claims(events), key=_by_time):
            contexts.setdefault(claim.context, []).append(claim)
        approved = []
        for claims in contexts.values():
            if any(not claim.is_approval for claim in claims) or self._is_taken(claims[0]):
                self._take_context(self._with_candidate(claims))
            elif (candidate := self._candidates.get(claims[0].context)) is not None:
                for claim in claims:
                    self._end(claim.event_id, Fate.KNOWN, case=candidate.id)
            else:
                approved.append(claims)
        self._sample(approved)
        return self._found

    def _claims(self, events: Iterable[ReviewEvent]) -> list[Claim]:
        known = self._known_events()
        claims = []
        for event in events:
            event_id = self._reader.redacted_name(event.event_id)
            if event_id in known:
                fate = EventFate(
                    event_id=event_id, place=event.place, fate=Fate.KNOWN, case=known[event_id]
                )
                self._found.fates.append(fate)
                continue
            found = self._reader.read(event)
            self._places[event_id] = event.place
            if isinstance(found, NoClaim):
                self._end(event_id, found.fate, reason=found.reason)
                continue
            claims.append(found)
            self._found.replaced_values += found.replaced
            self._found.notes += [f"{event_id}: {note}" for note in found.notes]
        return claims

    def _known_events(self) -> dict[str, str]:
        """Events that earlier derivations or people took, with the case that holds each."""
        known = {
            event_id: case.id
            for case in (*self._standing.candidates, *self._standing.cases)
            # A candidate that nobody touched may still be contradicted.
            if self._candidates.get(case.decision_digest) is not case
            for event_id in event_ids(case.source)
        }
        entries = self._found.entries
        known.update({d["event_id"]: "" for entry in entries for d in entry["decisions"]})
        return known

    def _is_taken(self, claim: Claim) -> bool:
        return claim.context in self._by_context or self._open_entry(claim.context) is not None

    def _with_candidate(self, claims: list[Claim]) -> list[Claim]:
        """The claims with the approvals of a candidate in the same context, which goes."""
        candidate = self._candidates.get(claims[0].context)
        if candidate is None:
            return claims
        self._found.dropped.add(candidate.id)
        here = {claim.event_id for claim in claims}
        approvals = claims_of_case(candidate, self._judge)
        return sorted([*claims, *(c for c in approvals if c.event_id not in here)], key=_by_time)

    def _open_entry(self, context: str) -> int | None:
        for index, entry in enumerate(self._found.entries):
            if entry["context"] == context and entry["resolution"] is None and not entry["case"]:
                return index
        return None

    def _take_context(self, claims: list[Claim]) -> None:
        """Claims on one context, at least one of them an intervention or on a standing case."""
        context = claims[0].context
        index = self._open_entry(context)
        if index is not None:
            earlier = self._found.entries[index]
            self._set_aside(claims, adjudication(claims, why="", earlier=earlier), index)
            return
        cases = [c for c in self._by_context.get(context, ()) if c.id not in self._found.removed]
        if not cases:
            self._add_case(claims)
        elif len(cases) == 1 and cases[0].origin is Origin.REVIEWER and is_sealed(cases[0]):
            self._merge_into(cases[0], claims)
        else:
            self._hold_against(cases, claims)

    def _add_case(self, claims: list[Claim]) -> None:
        weighed = weigh(claims, self._judge)
        if weighed.contradiction is not None:
            self._set_aside(claims, adjudication(claims, why=weighed.contradiction))
            return
        id_ = self._new_id(claims[0])
        held_out = is_held_out(claims[0].task_id, self._settings.holdout_share)
        self._found.added.append(reviewer_case(claims, weighed, id_=id_, held_out=held_out))
        self._end(claims[0].event_id, Fate.DERIVED, case=id_)
        for claim in claims[1:]:
            self._end(claim.event_id, Fate.MERGED, case=id_)

    def _merge_into(self, case: Case, claims: list[Claim]) -> None:
        """Further decisions on a derived case that nobody edited: it is made anew, or goes."""
        together = [*claims_of_case(case, self._judge), *claims]
        weighed = weigh(together, self._judge)
        if weighed.contradiction is not None:
            self._found.removed.add(case.id)
            self._set_aside(claims, adjudication(together, why=weighed.contradiction))
            self._found.notes.append(f"{case.id} is out of the suite: {weighed.contradiction}")
            return
        self._found.replaced[case.id] = reviewer_case(
            together, weighed, id_=case.id, held_out=case.held_out
        )
        for claim in claims:
            self._end(claim.event_id, Fate.MERGED, case=case.id)

    def _hold_against(self, cases: Sequence[Case], claims: list[Claim]) -> None:
        """Cases that people wrote or edited stand; decisions against them are set aside."""
        for claim in claims:
            whys = [(case, why_not_both(claim, case, self._judge)) for case in cases]
            against = next(((case, why) for case, why in whys if why is not None), None)
            if against is None:
                self._end(claim.event_id, Fate.MERGED, case=cases[0].id)
                continue
            case, why = against
            self._set_aside([claim], adjudication([claim], why=why, case=case.id))

    def _set_aside(
        self, claims: Sequence[Claim], entry: Document, index: int | None = None
    ) -> None:
        if index is None:
            self._found.entries.append(entry)
        else:
            self._found.entries[index] = entry
        for claim in claims:
            self._end(claim.event_id, Fate.ASIDE, reason=entry["why"], case=entry["case"] or "")

    def _settle_entries(self) -> None:
        """Entries that a person resolved become cases; open ones keep their cases out."""
        taken = {i for case in self._standing.cases for i in event_ids(case.source)}
        for entry in self._found.entries:
            ids = [decision["event_id"] for decision in entry["decisions"]]
            if entry["resolution"] is None and not entry["case"]:
                for case in self._standing.cases:
                    # A run that was killed between writing its two files leaves such a case.
                    if is_sealed(case) and set(event_ids(case.source)) & set(ids):
                        self._found.removed.add(case.id)
            elif entry["resolution"] in ids and entry["resolution"] not in taken:
                self._resolve(entry)

    def _stands(self, id_: str | None) -> bool:
        return any(case.id == id_ for case in self._standing.cases)

    def _resolve(self, entry: Document) -> None:
        if self._stands(entry["case"]):
            note = f"{entry['case']} still stands against {entry['resolution']}: edit or remove it"
            self._found.notes.append(note)
            return
        claims = claims_of_entry(entry, self._judge)
        right = next(c for c in claims if c.event_id == entry["resolution"])
        agreeing = [right]
        for claim in claims:
            if claim is not right and weigh([*agreeing, claim], self._judge).contradiction is None:
                agreeing.append(claim)
        id_ = self._new_id(right)
        held_out = is_held_out(right.task_id, self._settings.holdout_share)
        weighed = weigh(agreeing, self._judge)
        document = reviewer_case(agreeing, weighed, id_=id_, held_out=held_out, sealed=False)
        overruled = [dict(claim.source) for claim in claims if claim not in agreeing]
        document["source"]["overruled"] = overruled
        self._found.added.append(document)
        self._found.notes.append(f"{id_}: by the resolution for {right.event_id}")

    def _sample(self, approved: list[list[Claim]]) -> None:
        """Up to so many candidates per class; the other approvals are counted."""
        sample = CandidateSample(self._judge, self._settings.approvals)
        sample.count([*self._standing.candidates, *self._standing.cases])
        for claims in in_stable_order(approved):
            weighed = weigh(claims, self._judge)
            if weighed.contradiction is not None or not sample.takes(weighed.actions):
                for claim in claims:
                    self._end(claim.event_id, Fate.APPROVED, reason=weighed.contradiction or "")
                continue
            id_ = self._new_id(claims[0])
            self._found.candidates.append(golden_candidate(claims, weighed, id_))
            for claim in claims:
                self._end(claim.event_id, Fate.CANDIDATE, case=id_)

    def _new_id(self, claim: Claim) -> str:
        id_ = case_id(self._settings.suite, claim.event_id, self._ids)
        self._ids.add(id_)
        return id_

    def _end(self, event_id: str, fate: Fate, *, reason: str = "", case: str = "") -> None:
        place = self._places.get(event_id)
        if place is None:
            return  # An event of an earlier file, taken up again with what is new.
        self._found.fates.append(
            EventFate(event_id=event_id, place=place, fate=fate, reason=reason, case=case)
        )


def _by_time(claim: Claim) -> tuple[str, str]:
    return claim.at.removesuffix("Z"), claim.event_id
