"""The licence that labels give: where votes decide, and by which errors the gate corrects them.

Fills the seam `dialgate_evals.actions.rubrics.licence`. Pure; leaves bounds to `licensing.standing`
and correcting to `verdict.blocks.votes`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dialgate_gate.licensing.standing import stand, tally
from dialgate_gate.statistics.judged.corrected_difference import CALIBRATION_ERROR
from dialgate_gate.statistics.judged.judge_errors import JudgeErrors, all_of, estimate_errors

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from dialgate_gate.licensing.measured import Measured, Measurements
    from dialgate_gate.licensing.standing import Standing
    from dialgate_gate.settings.judge_policy import JudgePolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibratedLicence:
    """Votes decide where both bounds are above the policy's; elsewhere they are shown."""

    policy: JudgePolicy
    standings: tuple[Standing, ...] = ()
    listed: tuple[Measured, ...] = field(default=(), repr=False)

    def licensed(self, criterion: str, action_class: str) -> bool:
        """Whether a ruling on the criterion may decide in cases of the class."""
        return any(
            item.is_licensed
            for item in self.standings
            if (item.criterion, item.action_class) == (criterion, action_class)
        )

    @property
    def is_empty(self) -> bool:
        """Whether no vote decides anywhere."""
        return not any(item.is_licensed for item in self.standings)

    def errors_of(self, groups: Iterable[tuple[str, ...]]) -> Mapping[tuple[str, ...], JudgeErrors]:
        """How the judge errs where these criteria decide together, for one unit of the gate.

        A criterion's errors are taken over all classes in which it is licensed. All bounds together
        are wrong with CALIBRATION_ERROR at most.
        """
        groups = sorted(set(groups))
        names = sorted({name for group in groups for name in group})
        share = CALIBRATION_ERROR / max(len(names), 1)
        known = {name: self._errors(name, share) for name in names}
        return {
            group: all_of(known[group[0]], *(known[name] for name in group[1:])) for group in groups
        }

    def without(self, criteria: Collection[str]) -> CalibratedLicence:
        """The licence without these criteria: votes on them are shown and decide nothing."""
        kept = tuple(item for item in self.standings if item.criterion not in criteria)
        return replace(self, standings=kept)

    def _errors(self, criterion: str, error: float) -> JudgeErrors:
        mine = [
            item
            for item in self.listed
            if item.criterion == criterion
            and any(self.licensed(criterion, name) for name in item.classes)
        ]
        return estimate_errors(
            right=tally(mine, right=True),
            wrong=tally(mine, right=False),
            error=error,
            shift=self.policy.max_shift,
        )


def license_judge(
    measurements: Measurements, policy: JudgePolicy, places: Iterable[tuple[str, str]]
) -> CalibratedLicence:
    """The licence that these labels give the judge of now.

    places: every (criterion, action class) of the suite. A changed judge has no votes on record, so
    it has no licence.
    """
    return CalibratedLicence(
        policy=policy,
        standings=stand(measurements, policy, places),
        listed=measurements.listed,
    )
