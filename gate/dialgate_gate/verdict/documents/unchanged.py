"""The verdict where nothing that decides differs from the baseline: a pass without any trial.

Pure and light, so that it comes at once. Refuses where a pass would hide something: whatever may
have changed unseen, or would not be a pass if it were run, is run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.files.problems import join_words
from dialgate_evals.suite.comparability import why_not_cached
from dialgate_evals.suite.suite import AgentKind
from dialgate_gate.changes.suite_changes import equal_components
from dialgate_gate.comparing.apart_costs import ApartCosts, sum_apart
from dialgate_gate.comparing.judged_cases import collect_cases
from dialgate_gate.verdict.documents.changes_document import unpinned_models
from dialgate_gate.verdict.documents.counts.usage import summarise_usage
from dialgate_gate.verdict.documents.occasion import Occasion
from dialgate_gate.wording import count_of, name_cases

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dialgate_gate.changes.component_change import ComponentChange
    from dialgate_gate.changes.suite_changes import ComparedSide
    from dialgate_gate.comparing.run_evidence import RunEvidence


def is_unchanged(candidate: ComparedSide, changes: Sequence[ComponentChange]) -> bool:
    """Whether a trial of the candidate could tell nothing that the baseline does not already say.

    `changes` are all that `changes.suite_changes` finds between the baseline and the candidate.
    No for recorded suites, which cost no call; for an agent whose code is no part of the release;
    and where no case decides or a class that the policy names has none.
    """
    suite = candidate.suite
    if suite.agent.kind is AgentKind.TRANSCRIPT or why_not_cached(suite, candidate.release):
        return False
    return not any(change.triggers for change in changes) and _can_decide(candidate)


def may_be_unchanged(candidate: ComparedSide, changes: Sequence[ComponentChange]) -> bool:
    """Whether either short way is open, as far as the release and its suite say."""
    return is_unchanged(candidate, changes) or only_adds_cases(candidate, changes)


def only_adds_cases(candidate: ComparedSide, changes: Sequence[ComponentChange]) -> bool:
    """Whether the release is the same and all that is new to the judge are cases.

    A case that the baseline's suite lacks decides from the next release on. Until then it can only
    show how the one release, which is on both sides, does on it.
    """
    adding = [change for change in changes if change.triggers]
    others = [change for change in changes if change not in adding]
    if not all(change.component == "cases" and change.kind == "added" for change in adding):
        return False
    return bool(adding) and is_unchanged(candidate, others)


def _can_decide(side: ComparedSide) -> bool:
    case_set = collect_cases(
        side.cases, actions=side.actions, quarantine=side.suite.quarantine, base=None
    )
    expected = {name for case in case_set.deciding for name in case.classes}
    return bool(case_set.deciding) and expected.issuperset(side.settings.policy.gate.classes)


def build_unchanged_document(
    *,
    baseline: ComparedSide,
    candidate: ComparedSide,
    changes: Sequence[ComponentChange],
    baseline_place: str,
    suite_digest: str,
    allowed: Sequence[str] = (),
    occasion: Occasion | None = None,
    added: RunEvidence | None = None,
) -> dict[str, Any]:
    """The verdict document of `documents.verdict_document` for a candidate that is unchanged.

    added: the trials of cases that the baseline's suite lacks; None: there is none.
    """
    of = occasion or Occasion()
    quarantined = sorted(item.case for item in candidate.suite.quarantine)
    cases: dict[str, list[str]] = {key: [] for key in _CASES}
    return {
        "schema": 1,
        "verdict": "pass",
        "exit_code": 0,
        "suite": candidate.suite.name,
        "suite_digest": suite_digest,
        "digests": {},
        "judged_by": f"comparing it with {baseline_place}: {_what_ran(added)}",
        "unchanged": True,
        "deterministic": candidate.suite.deterministic,
        "allowed": sorted(allowed),
        "records": {"baseline": "", "candidate": added.record if added else "", "at": of.at},
        "release": candidate.release.as_json(),
        "baseline": baseline.release.as_json(),
        "commits": of.commits_document(),
        "changes": [],
        "classes": [],
        "suite_estimates": _no_estimates(added),
        "cases": {**cases, "quarantined": quarantined, "added": sorted(_passes(added))},
        "flaky_rates": {},
        **{key: [] for key in _NO_ENTRIES},
        "pass_rates": {"baseline": [], "candidate": []},
        **dict.fromkeys(_NOT_ASKED),
        "weakened": [],
        "missing": [],
        "headline": None,
        "usage": _usage_of(added),
        **{key: [] for key in _NOTHING_OPEN},
        "reasons": _reasons(changes, candidate, baseline_place, added),
        "reproduce": of.reproduce,
    }


_NO_TRIAL = {"trials": 0, "passed": 0}
_NO_USAGE = {
    "agent_calls": 0, "cached": 0, "wall_s": 0.0, "cost_usd": None, "latency_p95_ms": None,
    **ApartCosts().as_json(), "baseline": None, "candidate": None,
}  # fmt: skip
_ESTIMATES = (
    "difference", "interval", "confidence_level", "p_regression", "p_adjusted", "level",
    "detectable_drop",
)  # fmt: skip
_NO_ENTRIES = ("tags", "splits", "labels", "explanations", "passing")
_NOT_ASKED = (
    "confirmation", "thin_failures", "baseline_drift", "detection", "next_step", "noticed",
    "rollout",
)  # fmt: skip
_NOTHING_OPEN = ("budget", "graduation", "undecided", "gaps")
_CASES = ("broken", "fixed", "flaky", "added", "removed", "changed")


def _no_estimates(added: RunEvidence | None) -> dict[str, Any]:
    """The suite's estimates where no two sides were run: trials alone."""
    return {
        **dict.fromkeys(_ESTIMATES),
        "baseline": _NO_TRIAL,
        "candidate": _trials_of(added),
        "margin": None,
        "fail_on": None,
    }


def _passes(added: RunEvidence | None) -> dict[str, bool]:
    """By added case, whether every trial of it passed."""
    found: dict[str, bool] = {}
    for score in added.scores if added else ():
        found[score.case_id] = found.get(score.case_id, True) and score.passed is True
    return found


def _trials_of(added: RunEvidence | None) -> dict[str, int]:
    scores = added.scores if added else ()
    return {"trials": len(scores), "passed": sum(score.passed is True for score in scores)}


def _usage_of(added: RunEvidence | None) -> dict[str, Any]:
    if added is None:
        return dict(_NO_USAGE)
    now = summarise_usage(added)
    return {
        "agent_calls": now["agent_calls"],
        "cached": added.cached,
        "wall_s": round(added.wall_s, 3),
        "cost_usd": now["cost_usd"],
        "latency_p95_ms": now["latency_p95_ms"],
        **sum_apart(added.scores).as_json(),
        "baseline": None,
        "candidate": now,
    }


def _what_ran(added: RunEvidence | None) -> str:
    return "nothing was run" if added is None else "only the added cases were run"


def _added_sentence(passes: Mapping[str, bool]) -> str:
    failed = sorted(case_id for case_id, passed in passes.items() if not passed)
    good = len(passes) - len(failed)
    text = (
        f"The change adds {count_of(len(passes), 'case')}, run on the release that both sides "
        f"are: {good} of {len(passes)} passed every trial"
    )
    rest = f"; not {name_cases(failed)}" if failed else ""
    return f"{text}{rest}. An added case decides from the next release on."


def _reasons(
    changes: Sequence[ComponentChange],
    candidate: ComparedSide,
    baseline_place: str,
    added: RunEvidence | None,
) -> list[str]:
    known = {change.path for change in changes if change.triggers} if added else set()
    rest = [c for c in changes if not (c.component == "cases" and c.path in known)]
    equal = join_words(equal_components(rest, candidate))
    named = [f"{change.component} {change.path} {change.kind}".strip() for change in rest]
    passes = _passes(added)
    ran = "no trial was run" if added is None else "no other case was run"
    cases = len(candidate.cases) - len(passes)
    first = (
        f"Nothing that decides differs from {baseline_place}, so {ran}. Compared and equal: "
        f"{equal} ({count_of(cases, 'case')}). `check --always` runs it all the same."
    )
    reasons = [first] if added is None else [_added_sentence(passes), first]
    if named:
        more = f" and {len(named) - _MOST} more" if len(named) > _MOST else ""
        reasons.append(f"Differs without deciding: {', '.join(named[:_MOST])}{more}.")
    return reasons + unpinned_models(candidate)


_MOST = 10
