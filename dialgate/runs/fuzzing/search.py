"""The search for variants that fail: drawn, screened, confirmed, made small, within a budget.

Half of the budget screens; what is left confirms what failed and makes it small. Leaves
drawing to `drawing`, trials to `trials` and words to `reports`.
"""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dialgate.runs.fuzzing.confirming import Confirming, Suspicion, kinds_of
from dialgate.runs.fuzzing.drawing import draw_variants
from dialgate.runs.fuzzing.shrinking import Shrinking
from dialgate_evals.fuzzing.choices import Choices, replayed
from dialgate_evals.fuzzing.variant import make_variant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dialgate.runs.fuzzing.shrinking import Finding
    from dialgate.runs.fuzzing.trials import Trials
    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.fuzzing.relation import Relation, Surroundings
    from dialgate_evals.fuzzing.variant import Seed, Variant
    from dialgate_evals.suite.case import Case

_MOST_OF_A_RELATION = 40
"""Variants of one relation that are tried."""

_MOST_PARENTS = 300
"""Cases of which variants are drawn; of a larger suite a sample."""

_FAIR = 40
"""Trials that one suspect may cost, with making it small: no more are asked side by side."""

_MOST_SUSPECTS = 3
"""Suspects of one way of failing whose original is tried at all."""

_MOST_TRIES = 2
"""Suspects of one way of failing that are asked; the second where the first was noise."""

_MOST_SHRINKING = 60
"""Trials that making one finding small may cost."""


@dataclass(kw_only=True)
class Found:
    """What a search found, and what it rests on."""

    findings: list[Finding] = field(default_factory=list)
    drawn: dict[str, int] = field(default_factory=dict)
    # variants that were tried, by relation
    failed: dict[str, int] = field(default_factory=dict)
    # of those, the ones whose first trial failed
    left_out: list[str] = field(default_factory=list)
    # cases that don't pass themselves
    not_run: list[str] = field(default_factory=list)
    # cases and variants of which a trial could not be run
    error: str | None = None
    # why the first of those could not
    noise: int = 0
    # suspects whose failure did not come back
    unasked: int = 0
    # variants for whose trial nothing was left
    is_spent: bool = False


@dataclass(kw_only=True)
class FuzzSearch:
    """One search; the same seed and agent make the same one."""

    relations: Sequence[Relation]
    parents: Sequence[Case]
    around: Surroundings
    trials: Trials
    seed: int
    known: Sequence[Seed] = ()
    # of findings before: tried first
    say: Callable[[str], object] = str
    # tells a person how far it is
    found: Found = field(default_factory=Found)

    def __post_init__(self) -> None:
        self._budget = self.trials.left
        shares = sum(relation.share for relation in self.relations)
        self._count = min(_MOST_OF_A_RELATION, max(2, self._budget // (2 * max(1, shares))))
        self._confirming = Confirming(trials=self.trials)
        self._sound: dict[str, bool] = {}
        self._apt_cases: dict[str, list[Case]] = {}

    def run(self) -> Found:
        """Everything that is found within the budget."""
        variants = self._drawn()
        self.say(f"{len(variants)} variants of {len(self.parents)} cases to try.")
        suspects = self._screen(variants)
        self.say(f"{len(suspects)} of them failed; asking again which of those is noise.")
        confirmed = self._confirm(suspects)
        shrinking = Shrinking(
            confirming=self._confirming,
            around=self.around,
            make=self._make,
            seed_of=self._seed_of,
            count=self._count,
            sound=self._sound,
        )
        for number, suspicion in enumerate(confirmed):
            fair = max(0, self.trials.left) // (len(confirmed) - number)
            self._add(shrinking.smallest(suspicion, min(fair, _MOST_SHRINKING)))
            self.say(f"{number + 1} of {len(confirmed)} findings made small.")
        self.found.is_spent = self._confirming.is_spent or self.found.unasked > 0
        return self.found

    def _add(self, finding: Finding) -> None:
        """Keeps the finding; one that came down to the same as another is that one."""
        kinds = kinds_of(finding.score)
        for other in self.found.findings:
            is_alike = other.variant.relation.name == finding.variant.relation.name
            if is_alike and kinds_of(other.score) == kinds:
                return
        self.found.findings.append(finding)

    def _make(self, relation: Relation) -> Callable[[Choices], Variant | None]:
        apt = self._apt(relation)

        def make(choices: Choices) -> Variant | None:
            if not apt:
                return None
            parent = choices.pick(apt)
            # The parent's number is no part of the seed, which names it.
            return make_variant(relation, parent, self.around, Choices(choices.below))

        return make

    def _apt(self, relation: Relation) -> list[Case]:
        """The cases that have what the relation is about."""
        if relation.name not in self._apt_cases:
            parents = self.parents
            if len(parents) > _MOST_PARENTS:
                parents = random.Random(self.seed).sample(parents, _MOST_PARENTS)  # noqa: S311 - a fixed seed
            self._apt_cases[relation.name] = [
                case for case in parents if relation.vary(case, self.around, replayed(()))
            ]
        return self._apt_cases[relation.name]

    def _drawn(self) -> list[Variant]:
        """Every relation's variants in turns, what was found before first."""
        by_id = {case.id: case for case in self.parents}
        by_name = {relation.name: relation for relation in self.relations}
        found: dict[str, Variant] = {}
        for seed in self.known:
            made = replay_seed(seed, by_name, by_id, self.around)
            if made is not None:
                found.setdefault(made.key, made)
        lists = [self._draw(relation) for relation in self.relations]
        for turn in range(max(map(len, lists), default=0)):
            for items in lists:
                if turn < len(items):
                    found.setdefault(items[turn].key, items[turn])
        return list(found.values())

    def _draw(self, relation: Relation) -> list[Variant]:
        count = self._count * relation.share
        return draw_variants(self._make(relation), seed=self._seed_of(relation), count=count)

    def _seed_of(self, relation: Relation) -> int:
        """A seed of the relation's own: another relation more changes no other's draws."""
        text = f"{self.seed}/{relation.name}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")

    def _screen(self, variants: Sequence[Variant]) -> list[tuple[Variant, TrialScore]]:
        """The variants whose first trial failed."""
        asked = variants[: self._budget // 2]
        self.found.unasked = len(variants) - len(asked)
        suspects = []
        for variant, (_, score) in zip(asked, self.trials.run(asked), strict=True):
            name = variant.relation.name
            self.found.drawn[name] = self.found.drawn.get(name, 0) + 1
            if score.passed is None:
                self._note_errored(variant.case.id, score)
            elif not score.passed:
                self.found.failed[name] = self.found.failed.get(name, 0) + 1
                suspects.append((variant, score))
        return suspects

    def _try_parents(self, parents: Sequence[Case]) -> None:
        """A case that fails twice says nothing of its variants."""
        waiting = list(parents)
        for _ in range(2):
            waiting = waiting[: max(0, self.trials.left)]
            failed = []
            for case, (_, score) in zip(waiting, self.trials.run(waiting), strict=True):
                self._sound[case.id] = bool(score.passed)
                if score.passed is None:
                    self._note_errored(case.id, score)
                elif not score.passed:
                    failed.append(case)
            waiting = failed
        self.found.left_out = [case.id for case in waiting]

    def _note_errored(self, name: str, score: TrialScore) -> None:
        self.found.not_run.append(name)
        self.found.error = self.found.error or score.error

    def _groups(self, suspects: Sequence[tuple[Variant, TrialScore]]) -> list[list[Variant]]:
        """Suspects of each way in which a relation's variants fail, of cases that pass."""
        groups: dict[str, dict[frozenset[str], list[Variant]]] = defaultdict(dict)
        for variant, score in suspects:
            groups[variant.relation.name].setdefault(kinds_of(score), []).append(variant)
        found = [items[:_MOST_SUSPECTS] for kinds in groups.values() for items in kinds.values()]
        self._try_parents(list({v.parent.id: v.parent for items in found for v in items}.values()))
        sound = [[v for v in items if self._sound.get(v.parent.id)] for items in found]
        return [items for items in sound if items]

    def _confirm(self, suspects: Sequence[tuple[Variant, TrialScore]]) -> list[Suspicion]:
        """The first confirmed suspect of each way in which a relation's variants fail."""
        waiting = self._groups(suspects)
        confirmed: list[Suspicion] = []
        for turn in range(_MOST_TRIES):
            open_ones = [items for items in waiting if len(items) > turn]
            asked: list[Suspicion] = []
            while len(asked) < len(open_ones):
                some = open_ones[len(asked) :][: max(1, self.trials.left // _FAIR)]
                asked += self._confirming.confirm([(v[turn], v[turn].parent) for v in some])
            confirmed += [item for item in asked if item.question.answer is True]
            self.found.noise += sum(item.question.answer is False for item in asked)
            waiting = [
                items
                for items, item in zip(open_ones, asked, strict=True)
                if item.question.answer is not True
            ]
        return confirmed


def replay_seed(
    seed: Seed,
    relations: Mapping[str, Relation],
    parents: Mapping[str, Case],
    around: Surroundings,
) -> Variant | None:
    """The variant that a seed names; None where the suite no longer makes it."""
    relation, parent = relations.get(seed.relation), parents.get(seed.parent)
    if relation is None or parent is None:
        return None
    return make_variant(relation, parent, around, replayed(seed.numbers))
