"""Files as the tools themselves write them today: each call is imported, or listed with a reason.

`real_files/make_real_files.py` makes them anew; `written/MADE.md` says which package made what.
What is found in each is kept beside them; `DIALGATE_RENEW=1` writes it anew, for a person to read.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from dialgate.cases.imported_suite import ImportRequest, import_suite
from dialgate_evals.errors import EvidenceError
from tests.evals.importing.imports import accepted_and_run

REAL = Path(__file__).parent / "real_files"
WRITTEN = REAL / "written"
KEPT = REAL / "found.json"
FILES = sorted(
    path.relative_to(WRITTEN).as_posix()
    for path in WRITTEN.rglob("*.*")
    if path.is_file() and path.suffix != ".md" and path.parent.name != "batch"
)
SOURCES = [*FILES, "openai-chat/batch", "anthropic/batch"]
"""A batch is two files, which say something together only."""
NO_MESSAGES = {"otlp/openai-v2/openai-v2-events.jsonl", "otlp/openai-v2/openai-v2-events.binpb",
               "phoenix/frame.csv", "promptfoo/anchors.yaml",
               "pydantic-evals/structured.yaml", "tau2/failed.json"}  # fmt: skip
"""Sources that hold nothing a case could be made of, and whose every part is listed."""
DATA_SETS = ("promptfoo/", "pydantic-evals/", "openai-evals/")
"""They say what should be done, and hold nothing that was."""
TOLD = ("a case", "a turn that ends", "the sample", "a simulation", "the outputs of an evaluation")
CALL_ID = re.compile(r"\b(?:call|toolu)_\d+\b")


@dataclass(kw_only=True)
class Made:
    """What became of a source; the suite lies in `out`."""

    out: Path
    document: dict[str, Any]
    # of the import; empty where nothing was imported
    problems: list[str]
    ids: set[str] = field(default_factory=set)
    # of calls in its trajectories


def make(source: str, folder: Path) -> Made:
    return make_of(WRITTEN / source, folder)


def make_of(source: Path, folder: Path) -> Made:
    out = folder / "suites" / "made"
    try:
        request = ImportRequest(sources=(source,), format=None, out=out)
        document = import_suite(request)
    except EvidenceError as error:
        problems = [f"{problem.found}: {problem.advice}" for problem in error.problems]
        return Made(out=out, document={}, problems=problems)
    ids = set(CALL_ID.findall((out / "transcripts/imported.jsonl").read_text("utf-8")))
    return Made(out=out, document=document, problems=[], ids=ids)


def found_in(made: Made) -> dict[str, Any]:
    """Formats, cases with their actions and recordings, what is left and why."""
    if not made.document:
        return {"left": made.problems}
    text = (made.out / "cases.jsonl").read_text("utf-8")
    document = made.document
    return {
        "formats": sorted(set(document["formats"].values())),
        "inferred": document["inferred"],
        "cases": [
            {"asked": asked_in(case), "expect": case["expect"],
             "recordings": case.get("recordings", [])}
            for case in map(json.loads, text.splitlines())
        ],
        "left": [f"{left['what']}: {left['why']}" for left in document["left"]],
    }  # fmt: skip


def asked_in(case: dict[str, Any]) -> str:
    content = case["messages"][-1]["content"]
    if isinstance(content, str):
        return content
    return " ".join(part.get("text", f"<{part['type']}>") for part in content)


@pytest.fixture(scope="module")
def imports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Made]:
    return {source: make(source, tmp_path_factory.mktemp("real")) for source in SOURCES}


@pytest.fixture(scope="module")
def found(imports: dict[str, Made]) -> dict[str, Any]:
    return {source: found_in(made) for source, made in imports.items()}


def plain(value: Any) -> Any:
    """Without what is another at each making: ids of traces."""
    text = re.sub(r"\b[0-9a-f]{32}\b|\btr-[0-9a-f]{32}\b", "ID", json.dumps(value))
    return json.loads(text)


def test_what_is_found_in_each_file_is_what_was_read_before(found: dict[str, Any]) -> None:
    if os.environ.get("DIALGATE_RENEW"):
        KEPT.write_text(json.dumps(plain(found), indent=1) + "\n", encoding="utf-8")
    assert plain(found) == json.loads(KEPT.read_text("utf-8"))


def test_each_format_has_three_files_at_least() -> None:
    folders = {path.partition("/")[0] for path in FILES}
    counts = {folder: sum(path.startswith(f"{folder}/") for path in FILES) for folder in folders}
    assert {folder: count for folder, count in counts.items() if count < 3} == {}
    assert len(folders) == 15


@pytest.mark.parametrize("source", SOURCES)
def test_every_file_is_understood_or_says_why_not(source: str, found: dict[str, Any]) -> None:
    made = found[source]
    assert ("cases" in made) == (source not in NO_MESSAGES)
    assert made.get("cases") or made["left"]


@pytest.mark.parametrize(
    "source", [s for s in SOURCES if s not in NO_MESSAGES and not s.startswith(DATA_SETS)]
)
def test_accept_all_and_the_same_trajectories_pass(
    source: str, imports: dict[str, Made], found: dict[str, Any]
) -> None:
    assert found[source]
    accepted_and_run(imports[source].out)


@pytest.mark.parametrize("source", [s for s in FILES if Path(s).suffix in {".jsonl", ".json"}])
def test_no_call_is_lost_in_silence(source: str, imports: dict[str, Made]) -> None:
    """Each id of a call that the file holds stands in a trajectory, or something is listed."""
    made = imports[source]
    is_told = any(left["what"].startswith(TOLD) for left in made.document.get("left", ()))
    lost = set(CALL_ID.findall((WRITTEN / source).read_text("utf-8"))) - made.ids
    assert not lost or is_told or made.problems


CUT = [source for source in FILES if Path(source).suffix not in {".csv", ".yaml"}]
"""A row or a list that is cut may be a shorter one."""


@pytest.mark.parametrize("source", CUT[::3])
def test_a_file_that_is_cut_off_says_so(source: str, tmp_path: Path) -> None:
    cut = tmp_path / Path(source).name
    cut.write_bytes((WRITTEN / source).read_bytes()[:-9])
    made = make_of(cut, tmp_path)
    told = " ".join([*made.problems, *(str(left) for left in made.document.get("left", ()))])
    assert re.search(r"cut off|breaks off|no OTLP|not JSON|can't be read", told), told
