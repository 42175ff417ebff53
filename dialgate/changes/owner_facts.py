"""What lies around a suite's people: CODEOWNERS, and when policy and cases last changed.

The wiring; leaves the rules to `dialgate_gate.settings.people`.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from dialgate.git.file_history import last_commit_day
from dialgate_evals.errors import UsageError
from dialgate_evals.files.problems import Problem, show_path
from dialgate_gate.live.alarms.on_call import owner_on_call
from dialgate_gate.settings.people.cadence import reviews_of
from dialgate_gate.settings.people.people_lint import ROTA_DAYS, PeopleFacts, lint_people
from dialgate_gate.settings.people.reading import OWNERS, read_codeowners
from dialgate_gate.settings.people.roles import raci_of, role_holders

if TYPE_CHECKING:
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace
    from dialgate_gate.settings.people.cadence import Review
    from dialgate_gate.settings.settings import GateSettings


def lint_owners(workspace: Workspace, settings: GateSettings, today: dt.date) -> list[Problem]:
    """Every problem about the suite's people, and what nobody has looked at for too long."""
    problems: list[Problem] = []
    folder = workspace.folder
    facts = PeopleFacts(
        runbook_file=show_path(folder / "runbook.toml"),
        owners_file=show_path(folder / OWNERS),
        suite_path=folder.resolve().relative_to(workspace.root).as_posix(),
        said=settings.runbook.owners,
        owners=settings.owners,
        class_names=workspace.actions.names,
        rota=settings.rota,
        codeowners=read_codeowners(workspace.root, problems),
        present=[path.name for path in folder.iterdir()],
        today=today,
    )
    problems += lint_people(facts)
    problems += [_overdue(workspace, item) for item in suite_reviews(workspace, settings, today)
                 if item.is_overdue and item.last is not None]  # fmt: skip
    return problems


def suite_reviews(
    workspace: Workspace, settings: GateSettings, today: dt.date
) -> tuple[Review, ...]:
    """When policy and cases were last looked at: their last commit, or a review that was noted."""
    return tuple(
        item for item in all_reviews(workspace, settings, today, None) if item.thing != "drill"
    )


def all_reviews(
    workspace: Workspace, settings: GateSettings, today: dt.date, drilled: dt.date | None
) -> tuple[Review, ...]:
    """The same with the kill switch's drill; `drilled` is the day of the youngest that counts."""
    every = settings.policy.review_every
    paths = {"policy": ["policy.toml"], "cases": list(workspace.suite.cases)}
    changed = {thing: last_commit_day(workspace.folder, names) for thing, names in paths.items()}
    return reviews_of(every, settings.owners, {**changed, "drill": drilled}, today)


def _overdue(workspace: Workspace, item: Review) -> Problem:
    return Problem(
        file=show_path(workspace.folder / "policy.toml"),
        place=f"review_every.{item.thing}",
        found=f"overdue: {str(item).rstrip('.')}",
        expected="a look at it",
        advice=f"Change it, or note the review in owners.toml: [reviewed.{item.thing}] at, by.",
        severity="warning",
    )


def owners_document(
    workspace: Workspace,
    settings: GateSettings,
    release: Release,
    at: dt.datetime,
    note: str | None = None,
) -> dict[str, Any]:
    """Who holds which role, who answers for each class, who is on call, what is overdue.

    `note` says that the working tree has others. Raises UsageError for a rota that can't be
    expanded.
    """
    today = at.astimezone(dt.UTC).date()
    said, owners, names = settings.runbook.owners, settings.owners, workspace.actions.names
    raci = [
        raci_of(name, agent=release.name, said=said, owners=owners, today=today) for name in names
    ]
    try:
        paged = owner_on_call(settings, names[0] if names else "", at, agent=release.name)
        gaps = _gaps(settings, at)
    except ValueError as error:
        raise UsageError(str(error)) from None
    return {
        "schema": 1,
        "suite": workspace.suite.name,
        "note": note,
        "at": at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "roles": [item.as_json() for item in role_holders(said, owners, today)],
        "classes": [item.as_json() for item in raci],
        "on_call": {key: paged.as_json()[key] for key in ("shown", "addresses", "on_call")},
        "gaps": gaps,
        "reviews": [item.as_json() for item in suite_reviews(workspace, settings, today)],
    }


def _gaps(settings: GateSettings, at: dt.datetime) -> list[str]:
    if settings.rota is None:
        return []
    gaps = settings.rota.gaps(at, at + dt.timedelta(days=ROTA_DAYS), settings.owners)
    return [str(gap) for gap in gaps]
