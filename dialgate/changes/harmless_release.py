"""Whether the suite's policy can pass a release that changes nothing: `doctor`'s look at the gate.

By arithmetic first, then by a few simulated gates; leaves how often it passes, and what it sees, to
`dialgate plan`.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from dialgate.runs.planning import PlanRequest, pass_unchanged
from dialgate.scaffold.doctor.finding import Finding, State
from dialgate_evals.files.problems import show_path
from dialgate_evals.suite.workspace import load_workspace
from dialgate_gate.planning.passing import lint_passing
from dialgate_gate.settings.settings import load_settings
from dialgate_gate.wording import count_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_GATES = 20
"""A tenth of a second each."""


def check_policy(folder: Path, out: Path) -> Iterator[Finding]:
    """What keeps a harmless release from passing. Raises ConfigurationError, UsageError."""
    plan = f"dialgate plan {shlex.quote(show_path(folder))} --pass 0.9"
    never = lint_passing(load_workspace(folder), load_settings(folder))
    for problem in never:
        text = f"{problem.place}: found {problem.found}; expected {problem.expected}"
        mend = f"{problem.advice.rstrip('.')}; {plan} says what would do"
        yield Finding(check="policy", state=State.MEND, text=text, mend=mend)
    if never:
        return
    request = PlanRequest(folder=folder, release=None, out=out, simulations=_GATES, seed=0)
    passed, source = pass_unchanged(request, _GATES)
    text = (
        f"a release that changes nothing passes {passed} of {count_of(_GATES, 'simulated gate')}, "
        f"by {source}"
    )
    if 2 * passed >= _GATES:
        yield Finding(check="policy", state=State.OK, text=text)
    else:
        yield Finding(check="policy", state=State.MEND, text=text, mend=plan)
