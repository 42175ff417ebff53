"""Imports of small files, and whether the recorded trajectories pass the cases made of them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from dialgate.cases.accepting.confirmed_classes import confirm_classes
from dialgate.cases.accepting.finishing import finish
from dialgate.cases.accepting.session import Session
from dialgate.cases.accepting.source import open_source
from dialgate.cases.imported_suite import ImportRequest, import_suite
from dialgate_evals.actions.trajectory import Trajectory
from dialgate_evals.events.accepting.decisions import Word
from dialgate_evals.files.json_lines import read_json_lines
from dialgate_evals.scoring.scoring import Scorer
from dialgate_evals.suite.linting.lint import lint_workspace
from dialgate_evals.suite.workspace import load_workspace

if TYPE_CHECKING:
    from pathlib import Path


def a_call(name: str, arguments: Any, id_: str = "c1") -> dict[str, Any]:
    function = {"name": name, "arguments": json.dumps(arguments)}
    return {"id": id_, "type": "function", "function": function}


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def calls(*made: dict[str, Any]) -> dict[str, Any]:
    return {"role": "assistant", "content": None, "tool_calls": list(made)}


def answer(content: str, id_: str = "c1", **more: Any) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": id_, "content": content, **more}


def lines(path: Path, *documents: Any) -> Path:
    path.write_text("".join(json.dumps(document) + "\n" for document in documents), "utf-8")
    return path


def whole(path: Path, document: Any) -> Path:
    path.write_text(json.dumps(document, indent=1), "utf-8")
    return path


def imported(*sources: Path, format_: str | None = None) -> tuple[dict[str, Any], list[Any]]:
    """The document and the cases, after lint had nothing but guesses to warn of and every recorded
    trajectory passed its case."""
    out = sources[0].parent / "suites" / "made"
    document = import_suite(ImportRequest(sources=sources, format=format_, out=out))
    return document, checked(out)


def checked(out: Path, *, passes: bool = True, version: str = "imported") -> list[Any]:
    import datetime as dt

    workspace = load_workspace(out)
    problems = lint_workspace(workspace, workspace.release(), dt.date(2026, 11, 1))
    assert [str(p) for p in problems if p.severity == "error"] == []
    assert {a.effect.value for a in workspace.actions.classes} <= {"write"}
    accepted = re.sub(r"(?m)^proposed = .*\n", "", (out / "actions.toml").read_text("utf-8"))
    (out / "actions.toml").write_text(accepted, "utf-8")
    workspace = load_workspace(out)
    release = workspace.release()
    trials = {
        line["case_id"]: line["messages"]
        for _, line in read_json_lines(out / "transcripts" / f"{version}.jsonl")
        if isinstance(line, dict)
    }
    for case in workspace.cases if passes else ():
        if case.id not in trials:
            continue
        scorer = Scorer(actions=workspace.actions, tools=release.tools)
        score = scorer.score(case, Trajectory(case_id=case.id, trial=0, messages=trials[case.id]))
        assert score.passed, (case.id, score)
    return [dict(case.document) for case in workspace.cases]


def accepted_and_run(out: Path) -> None:
    """Says "right" to each trajectory of an import, and runs the same trajectories: all pass."""
    confirm_classes(out)
    source = open_source(out, None, out.parent / ".dialgate")
    session = Session(source=source, reviewer="Ada", folder=out.parent / ".dialgate/accept-made")
    for item in session.items:
        session.decide(item.id, {"word": Word.RIGHT}, seen=0)
    done = finish(session)
    assert done["conflicts"] == []
    assert done["cases"]["edited"] == []
    workspace = load_workspace(out)
    release = workspace.release()
    scorer = Scorer(actions=workspace.actions, tools=release.tools)
    known = {case.id: case for case in workspace.cases}
    ran = 0
    for _, line in read_json_lines(out / "transcripts/imported.jsonl"):
        assert isinstance(line, dict)
        case, messages = known[line["case_id"]], line["messages"]
        score = scorer.score(case, Trajectory(case_id=case.id, trial=0, messages=messages))
        assert score.passed, (case.id, score)
        ran += 1
    assert ran == len(session.items) == done["decided"]
