"""Where a verdict's forms go is settled before anything is run."""

from __future__ import annotations

import pytest

from dialgate.commands.gate import check
from dialgate.reporting.reporting import refuse_two_on_stdout
from dialgate_evals.errors import UsageError
from dialgate_reports.formats import ReportTargets


def test_one_form_may_go_to_standard_output_and_no_two() -> None:
    refuse_two_on_stdout(ReportTargets({"json": "-", "html": "page.html"}))
    with pytest.raises(UsageError, match="Only one of"):
        refuse_two_on_stdout(ReportTargets({"json": "-", "html": "-"}))


def test_a_check_with_two_forms_on_standard_output_runs_nothing() -> None:
    with pytest.raises(UsageError, match="Only one of --json, --markdown, --html and --junit"):
        check.command.main(
            ["no-such-suite", "--json", "-", "--markdown", "-"], standalone_mode=False
        )
