"""owners.toml, the rota that runbook.toml names, and CODEOWNERS: read with all their problems.

Knows where they lie; leaves what is wrong between them to `people_lint`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.files.file_reading import (
    Problems,
    is_inside,
    read_bytes,
    read_toml,
    toml_place,
    workspace_root,
)
from dialgate_evals.files.problems import Problem, show_path
from dialgate_gate.settings.people.codeowners import PLACES, OwnedLine, parse_codeowners
from dialgate_gate.settings.people.owners import Owners, owner_problems, parse_owners

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate_gate.settings.people.rota import Rota

OWNERS = "owners.toml"


def read_owners(folder: Path, problems: Problems) -> Owners | None:
    """The people of the suite, or None where the file can't be used; without one there are none."""
    path = folder / OWNERS
    if not path.exists():
        return Owners()
    document = read_toml(path, "owners", problems)
    if document is None:
        return None
    try:
        owners = parse_owners(document.values)
    except ValueError as error:
        found = f"a day that is none ({error})"
        place = toml_place(document)(("person",))
        problems.append(Problem(file=show_path(path), place=place, found=found, expected="a day"))
        return None
    wrong = list(owner_problems(owners, show_path(path)))
    problems += wrong
    return None if wrong else owners


def read_rota(folder: Path, name: str | None, problems: Problems) -> Rota | None:
    """The rota, or None where none is named or it can't be used."""
    if name is None:
        return None
    from dialgate_gate.settings.people.rota_ical import parse_ical  # noqa: PLC0415 - few have one
    from dialgate_gate.settings.people.rota_toml import parse_rota  # noqa: PLC0415 - as well

    path = folder / name
    shown = show_path(path)
    if not is_inside(path, workspace_root(folder)):
        problems.append(
            Problem(file=shown, found="a rota outside the workspace", expected="a file inside it")
        )
        return None
    try:
        if path.suffix == ".ics":
            raw = read_bytes(path, problems, expected="an iCal file")
            return None if raw is None else parse_ical(raw, shown)
        document = read_toml(path, "rota", problems)
        return None if document is None else parse_rota(document.values, shown)
    except ImportError:
        problems.append(
            Problem(
                file=shown,
                found="a rota in iCal, and no package to read it",
                expected="pip install 'dialgate[rota]', or a rota in TOML",
            )
        )
    except ValueError as error:
        problems.append(Problem(file=shown, found=str(error), expected="a rota that can be read"))
    return None


def read_codeowners(root: Path, problems: Problems) -> tuple[str, tuple[OwnedLine, ...]] | None:
    """The file's name and lines; None where the repository has none."""
    for place in PLACES:
        path = root / place
        if path.is_file():
            raw = read_bytes(path, problems, expected="CODEOWNERS")
            text = "" if raw is None else raw.decode("utf-8", "replace")
            return show_path(path), parse_codeowners(text)
    return None
