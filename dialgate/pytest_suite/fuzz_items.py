"""Relations as pytest items: each searches for variants that the agent fails, of so many trials.

Leaves the search to `dialgate.runs.fuzzing`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dialgate.pytest_suite.suite_runner import CaseFailedError
from dialgate_evals.errors import DialgateError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace


class FuzzNode(pytest.Collector):
    """All relations of a suite."""

    def __init__(
        self,
        *,
        workspace: Workspace,
        release: Release,
        trials: int,
        **more: Any,  # noqa: ANN401 - pytest's
    ) -> None:
        super().__init__(**more)
        self._workspace, self._release, self._trials = workspace, release, trials

    def collect(self) -> Iterator[FuzzItem]:
        """An item per relation, in their order."""
        from dialgate_evals.fuzzing.registry import REGISTRY  # noqa: PLC0415 - only where asked for

        for relation in REGISTRY:
            yield FuzzItem.from_parent(
                self,
                name=relation.name,
                workspace=self._workspace,
                release=self._release,
                trials=self._trials,
            )


class FuzzItem(pytest.Item):
    """One relation; skipped where no case of the suite has what it is about."""

    def __init__(
        self,
        *,
        workspace: Workspace,
        release: Release,
        trials: int,
        **more: Any,  # noqa: ANN401 - pytest's
    ) -> None:
        super().__init__(**more)
        self._workspace, self._release, self._trials = workspace, release, trials

    def runtest(self) -> None:
        """Searches; a confirmed finding fails the item."""
        from dialgate.runs.fuzzing.fuzzing import FuzzRequest, fuzz  # noqa: PLC0415 - heavy
        from dialgate_reports.texts.findings.fuzz_text import render_fuzz  # noqa: PLC0415 - heavy

        document = fuzz(
            FuzzRequest(
                workspace=self._workspace,
                release=self._release,
                baseline=None,
                seed=0,
                budget=self._trials,
                relations=(self.name,),
                out=Path(self.config.getoption("--dialgate-out")),
                may_be_idle=True,
            )
        )
        if document["findings"]:
            raise CaseFailedError(render_fuzz(document))
        if not document["relations"][0]["tried"]:
            pytest.skip("no case of the suite has what this relation is about")

    def repr_failure(  # type: ignore[override]  # a text, as pytest takes it
        self, excinfo: pytest.ExceptionInfo[BaseException], style: str | None = None
    ) -> object:
        """The finding in plain words; a traceback only where dialgate itself broke."""
        if isinstance(excinfo.value, CaseFailedError | DialgateError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)  # type: ignore[arg-type] # as pytest calls it

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """The suite's file, for IDEs."""
        return self.path, None, f"fuzz {self.name}"
