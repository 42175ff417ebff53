"""What a comparison of a release with itself can show: a change behind its unchanged names.

Pure; leaves whether something changed to `dialgate_gate.verdict.release_verdict`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from dialgate_gate.four_verdicts import Verdict

if TYPE_CHECKING:
    from dialgate_gate.comparing.run_evidence import RunEvidence


def is_same_release(*, baseline: RunEvidence | None, candidate: RunEvidence) -> bool:
    """Whether both sides are one release, by fingerprint and by what their agents loaded."""
    if baseline is None:
        return False
    if baseline.release["fingerprint"] != candidate.release["fingerprint"]:
        return False
    before, now = baseline.loaded, candidate.loaded
    return before is None or now is None or before.files == now.files


def was_run_before(baseline: RunEvidence) -> bool:
    """Whether any of the baseline's trials is from an earlier run."""
    return baseline.cached > 0


def same_release_reasons(
    *,
    baseline: RunEvidence | None,
    candidate: RunEvidence,
    verdict: Verdict,
    has_moved: bool = True,
    is_confirmed: bool = False,
) -> tuple[str, ...]:
    """What a reader must know of a comparison with itself; empty for two releases.

    `has_moved`: some case came out otherwise; a failure may have another cause. `is_confirmed`:
    fresh trials of both sides decided.
    """
    if baseline is None or not is_same_release(baseline=baseline, candidate=candidate):
        return ()
    if is_confirmed or not was_run_before(baseline):
        sentence = (
            "Both sides are the same release and both were run now, so a change behind its names "
            "(the provider's model, a server, the environment) can't show here. Name a run record "
            "of then as the baseline."
        )
        return (sentence,)
    since = baseline.record or "an earlier run"
    same = f"The release is the same as in {since}"
    behind = "behind its unchanged names, such as the provider's model, a server or the environment"
    match verdict:
        case Verdict.PASS:
            return (f"{same}, and behaves as it did then.",)
        case Verdict.FAIL if has_moved:
            return (f"{same}: what differs now lies {behind}.",)
        case Verdict.FAIL | Verdict.INCONCLUSIVE:
            return (f"{same}: what differs now, if anything does, lies {behind}.",)
        case Verdict.INVALID:
            return ()
        case _:
            assert_never(verdict)
