"""The plan of the house: few rooms a folder, no circle; types and late imports count.

Which folder may use which stands in pyproject.toml (import-linter); this is what no layer says.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import grimp
import pytest

from tests.house.source_facts import SourceFacts, facts_of, functions_in, read_source

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).parents[2]
PACKAGES = {
    "dialgate_evals": PROJECT / "evals/dialgate_evals",
    "dialgate_gate": PROJECT / "gate/dialgate_gate",
    "dialgate_reports": PROJECT / "reports/dialgate_reports",
    "dialgate": PROJECT / "dialgate",
    "dialgate_runtime": PROJECT / "dialgate_runtime",
}
MOST_ROOMS = 15
CHECKED = ("dialgate_runtime", "evals", "gate", "reports", "dialgate", "tests", "benchmarks")
NO_ROOMS = {"__init__.py", "__pycache__", "py.typed", "pyproject.toml", "README.md"}


def folders() -> Iterator[Path]:
    for root in PACKAGES.values():
        yield root
        yield from sorted(
            path
            for path in root.rglob("*")
            if path.is_dir() and (path / "__init__.py").exists() and "templates" not in path.parts
        )


def folders_of_tests() -> Iterator[Path]:
    for root in (PROJECT / "tests", PROJECT / "benchmarks"):
        yield from sorted({path.parent for path in root.rglob("*.py")} | {root})


def modules_and_folders(folder: Path) -> set[str]:
    """Of tests: what is data beside a module is no room."""
    return {
        path.name
        for path in folder.iterdir()
        if path.suffix == ".py" or (path.is_dir() and not path.name.startswith("."))
    } - NO_ROOMS


def test_no_folder_shows_more_rooms_at_once_than_a_newcomer_can_hold() -> None:
    crowded = {
        str(folder.relative_to(PROJECT)): len(rooms)
        for folder in folders()
        if len(rooms := {path.name for path in folder.iterdir()} - NO_ROOMS) > MOST_ROOMS
    }
    crowded |= {
        str(folder.relative_to(PROJECT)): len(rooms)
        for folder in folders_of_tests()
        if len(rooms := modules_and_folders(folder)) > MOST_ROOMS
    }
    assert crowded == {}, "group what belongs together in a folder of its own"


def test_every_folder_says_in_a_sentence_what_it_holds() -> None:
    silent = [
        str(folder.relative_to(PROJECT))
        for folder in folders()
        if not (folder / "__init__.py").read_text("utf-8").lstrip().startswith('"""')
    ]
    assert silent == []


def test_the_plan_of_the_house_names_every_room_below_evals_and_gate() -> None:
    plan = (PROJECT / "ARCHITECTURE.md").read_text("utf-8")
    unnamed = [
        place
        for root in (PACKAGES["dialgate_evals"], PACKAGES["dialgate_gate"])
        for path in sorted(root.iterdir())
        if (path / "__init__.py").exists()
        and f"({(place := path.relative_to(PROJECT).as_posix())})" not in plan
    ]
    assert unnamed == [], "a row of ARCHITECTURE.md says what it holds and where its tests are"


def test_every_exemption_from_a_check_says_its_reason() -> None:
    bare = [
        f"{path.relative_to(PROJECT)}:{number}"
        for path in sources(*CHECKED)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if BARE.search(line)
    ]
    assert bare == []


BARE = re.compile(r"# (noqa(: [A-Z0-9, ]+)?|type: ignore(\[[a-z, -]+\])?)\s*$")


@pytest.mark.parametrize(
    ("line", "is_bare"),
    [
        ("import x  # noqa", True),
        ("import x  # noqa: PLC0415", True),
        ("import x  # noqa: PLC0415 - rare", False),
        ("f(x)  # type: ignore[arg-type]", True),
        ("f(x)  # type: ignore[arg-type]  # as pytest calls it", False),
    ],
)
def test_a_bare_exemption_is_found(line: str, is_bare: bool) -> None:
    assert bool(BARE.search(line)) is is_bare


MOST_LINES = 300
"""Of a module; below it a reader holds the whole of it."""
MOST_TEST_LINES = 400
"""Of a module of tests or a benchmark: cases stand in tables there."""
MOST_FUNCTION_LINES = 55
"""From `def` to the last line, signature and docstring counted, decorators not: about a screen."""


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((PROJECT / folder).rglob("*.py"))


def long_functions(path: Path) -> list[tuple[str, int]]:
    """Functions and methods above the limit, wherever they are defined, and how long they are."""
    if any(path.is_relative_to(root) for root in PACKAGES.values()):
        found = facts_of(path).functions
    else:
        found = functions_in(path.read_text("utf-8"))
    return [(name, lines) for name, lines in found if lines > MOST_FUNCTION_LINES]


@pytest.mark.parametrize(
    ("folders", "most"),
    [
        (("dialgate_runtime", "evals", "gate", "reports", "dialgate"), MOST_LINES),
        (("tests", "benchmarks"), MOST_TEST_LINES),
    ],
    ids=["code", "tests"],
)
def test_no_module_is_longer_than_a_reader_holds(folders: tuple[str, ...], most: int) -> None:
    long = {
        path.relative_to(PROJECT).as_posix(): lines
        for path in sources(*folders)
        if (lines := len(path.read_text("utf-8").splitlines())) > most
    }
    assert long == {}, "it holds two ideas: give the second a module that is named after it"


def test_no_function_is_longer_than_a_screen() -> None:
    long = {
        f"{path.relative_to(PROJECT).as_posix()} {name}": lines
        for path in sources(*CHECKED)
        for name, lines in long_functions(path)
    }
    assert long == {}, "name the step that can stand alone"


@pytest.mark.parametrize(("lines", "is_long"), [(55, False), (56, True)])
def test_a_long_function_is_found(tmp_path: Path, lines: int, is_long: bool) -> None:
    body = "        pass\n" * (lines - 2)
    source = f"class A:\n    @property\n    def f(\n        self):\n{body}"
    (tmp_path / "a.py").write_text(source, "utf-8")
    assert long_functions(tmp_path / "a.py") == ([("f", lines)] if is_long else [])
    assert read_source(source).functions == [("f", lines)]


MIRRORED = {
    "runtime": "dialgate_runtime", "evals": "dialgate_evals", "gate": "dialgate_gate",
    "reports": "dialgate_reports", "dialgate": "dialgate",
}  # fmt: skip


def test_tests_lie_where_the_code_lies() -> None:
    strays = [
        path.relative_to(PROJECT).as_posix()
        for name, package in MIRRORED.items()
        for path in sorted((PROJECT / "tests" / name).rglob("test_*.py"))
        if not (PACKAGES[package] / path.parent.relative_to(PROJECT / "tests" / name)).is_dir()
    ]
    assert strays == [], "tests/README.md says where a test goes"


CUTS = {
    "partition", "rpartition", "split", "rsplit", "startswith", "endswith", "removeprefix",
    "removesuffix",
}  # fmt: skip
FOREIGN = {"dialgate/git/asking/git_process.py"}
"""Modules that take words apart which another program wrote."""


def cuts_of_sentences(facts: SourceFacts) -> list[int]:
    """Lines in which a text is taken apart at punctuation and a space, or by words of a sentence.

    What is known belongs in a field: whoever reads it out of a sentence is wrong once a case, a
    class or a tool has a name of that kind.
    """
    return [
        line
        for line, method, arguments in facts.cuts
        if method in CUTS
        and arguments
        and isinstance(arguments[0], ast.Constant)
        and isinstance(arguments[0].value, str)
        and re.search(r"\S \S|[.,:;] $", arguments[0].value)
    ]


def test_nothing_is_read_back_out_of_a_sentence() -> None:
    found = [
        f"{path.relative_to(PROJECT)}:{line}"
        for folder in ("gate", "reports", "dialgate", "dialgate_runtime")
        for path in sorted((PROJECT / folder).rglob("*.py"))
        if path.relative_to(PROJECT).as_posix() not in FOREIGN
        for line in cuts_of_sentences(facts_of(path))
    ]
    assert found == [], "make what is read there a field"


@pytest.mark.parametrize(
    ("line", "is_cut"),
    [
        ('reason.partition(". ")[0]', True),
        ('place.rpartition(": line ")', True),
        ('text.startswith("the agent broke off")', True),
        ('name.partition("/")', False),
        ("text.split()", False),
    ],
)
def test_a_cut_sentence_is_found(line: str, is_cut: bool) -> None:
    assert cuts_of_sentences(read_source(line)) == ([1] if is_cut else [])


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(*PACKAGES, cache_dir=None)


def test_no_module_reaches_itself_through_what_it_imports(graph: grimp.ImportGraph) -> None:
    arrows = {
        module: graph.find_modules_directly_imported_by(module) for module in sorted(graph.modules)
    }
    assert circles(arrows) == []


def test_no_room_reaches_itself_through_what_its_modules_import(graph: grimp.ImportGraph) -> None:
    """A folder that uses its neighbour is not used by it: else the two are one."""
    arrows = {
        module: graph.find_modules_directly_imported_by(module) for module in sorted(graph.modules)
    }
    houses = sorted({module.rpartition(".")[0] for module in arrows if "." in module})
    found = {house: circle for house in houses if (circle := circles(rooms_of(house, arrows)))}
    assert found == {}, "move what both need into a room of its own, or a module where it is used"


def rooms_of(house: str, arrows: dict[str, set[str]]) -> dict[str, set[str]]:
    """The arrows between the files and folders right below a folder."""
    depth = house.count(".") + 2
    inside = {
        module: ".".join(module.split(".")[:depth])
        for module in arrows
        if module.startswith(f"{house}.")
    }
    rooms: dict[str, set[str]] = {room: set() for room in inside.values()}
    for module, room in inside.items():
        rooms[room] |= {inside[target] for target in arrows[module] if target in inside} - {room}
    return rooms


def test_two_rooms_that_use_each_other_are_found() -> None:
    arrows = {"h.a.x": {"h.b.y"}, "h.b.y": set(), "h.b.z": {"h.a.w"}, "h.a.w": set()}
    assert circles(arrows) == []
    assert circles(rooms_of("h", arrows)) == [["h.a", "h.b"]]


def circles(arrows: dict[str, set[str]]) -> list[list[str]]:
    """What is left once modules that import nothing that is left are taken out, again and again."""
    left = {module: set(targets) & arrows.keys() for module, targets in arrows.items()}
    while free := {module for module, targets in left.items() if not targets}:
        left = {module: targets - free for module, targets in left.items() if module not in free}
    return [sorted(left)] if left else []


@pytest.mark.parametrize("size", [2, 3])
def test_a_circle_of_modules_is_found(size: int) -> None:
    ring = {f"m{i}": {f"m{(i + 1) % size}"} for i in range(size)}
    assert circles({**ring, "free": {"m0"}}) == [sorted([*ring, "free"])]


def test_no_test_imports_duckdb_before_what_was_collected_is_frozen() -> None:
    """See `tests/conftest.py`: nothing is frozen, else, and each search for garbage takes long."""
    early = re.compile(r"^import duckdb$|^from duckdb", re.MULTILINE)
    found = [
        str(path.relative_to(PROJECT))
        for path in (PROJECT / "tests").rglob("*.py")
        if "warehouses" not in path.parts and early.search(path.read_text("utf-8"))
    ]
    # Within a text that another process runs.
    assert found == ["tests/integration/runs/test_resume.py"]
