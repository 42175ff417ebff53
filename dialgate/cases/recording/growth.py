"""A journal becomes a suite's cases: the suite is made, or what is new is added to it.

What a person wrote or changed stays: a case whose context is there already, a tool of the same
name and a class are never touched. Run twice, it adds nothing.
"""

from __future__ import annotations

import fcntl
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from msgspec.structs import asdict

from dialgate.cases.recording.additions import add_cases, add_classes, add_tools
from dialgate.cases.recording.journal import read_recordings
from dialgate.cases.suite_texts import RECORDED, suite_name, suite_texts
from dialgate_evals.errors import EvidenceError, UsageError
from dialgate_evals.events.deriving.redacting.event_redaction import identified
from dialgate_evals.files.file_writing import write_atomically
from dialgate_evals.files.json_text import canonical_json, digest_of, json_line
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.importing.found import Conversation, Left
from dialgate_evals.importing.importing import Import
from dialgate_evals.importing.shared_prompt import without_prompt
from dialgate_evals.importing.tool_list import guess_all
from dialgate_evals.recording.conversations import conversations
from dialgate_evals.recording.exchanges import Exchange, ToolExchange, Unrecorded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from dialgate.cases.recording.places import RecordingPlace
    from dialgate_evals.importing.found import Found
    from dialgate_evals.importing.importing import ImportedCase
    from dialgate_evals.suite.workspace import Workspace


@dataclass(kw_only=True)
class _Recorded:
    """What a journal holds, by kind."""

    exchanges: list[Exchange] = field(default_factory=list)
    tools: list[ToolExchange] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)


def grow_suite(place: RecordingPlace) -> dict[str, Any]:
    """Writes what the journal holds into the suite; gives the document of what was done.

    Raises EvidenceError where nothing is recorded, UsageError where a file can't be written.
    """
    with _alone(place.journal):
        recorded = _read(place)
        found = list(conversations(recorded.exchanges))
        made = _import(place, recorded, found)
        cases = list(made.cases())
        left = [*recorded.left, *made.left, *_uncalled(recorded.tools, found)]
        try:
            if place.workspace is None:
                written, added = _make(place.folder, made, cases), len(cases)
            else:
                written, added = _extend(place.workspace, made, cases, left)
        except OSError as error:
            raise UsageError(f"{error.filename}: {error.strerror}.") from None
    return {
        "schema": 1,
        "suite": show_path(place.folder),
        "is_new": place.workspace is None,
        "requests": len(recorded.exchanges),
        "tool_requests": len(recorded.tools),
        "conversations": sum(isinstance(item, Conversation) for item in found),
        "cases": len(cases),
        "added": added,
        "tools": len(made.tools.tools()),
        "inferred": made.tools.inferred,
        "classes": {
            name: asdict(guess) for name, guess in guess_all(made.tools.tools().values()).items()
        },
        "left": [{"place": i.place, "what": i.what, "why": i.why} for i in left],
        "files": [show_path(path) for path in written],
    }


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time makes cases of a journal."""
    if not folder.is_dir():
        raise EvidenceError([_nothing(folder)])
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _nothing(folder: Path) -> Problem:
    return Problem(
        file=show_path(folder),
        found="no recording",
        expected="at least one request that passed",
        advice="Run the agent with the base URL, or the command, that `dialgate record` shows.",
    )


def _read(place: RecordingPlace) -> _Recorded:
    made = _Recorded()
    for item in read_recordings(place.journal):
        match item:
            case Exchange():
                made.exchanges.append(item)
            case ToolExchange():
                made.tools.append(item)
            case Unrecorded():
                made.left.append(Left(place=item.place, what=item.what, why=item.why))
            case Left():
                made.left.append(item)
    if not made.exchanges and not made.tools:
        raise EvidenceError([_nothing(place.journal)])
    return made


def _import(place: RecordingPlace, recorded: _Recorded, found: list[Found]) -> Import:
    """The import, its tools known: those of MCP first, which say most of what they do."""
    messages = [item.messages for item in found if isinstance(item, Conversation)]
    rules = replace(place.rules, made=identified(messages, place.rules))
    made = Import(
        sources=[], found=lambda: iter(found), rules=rules, pseudonyms=place.pseudonyms,
        tag=RECORDED.version,
    )  # fmt: skip
    for item in recorded.tools:
        result = item.result or {}
        if item.method == "tools/list" and isinstance(result.get("tools"), list):
            made.tools.declare(result["tools"], item.place)
        name = item.params.get("name")
        if item.method == "tools/call" and isinstance(name, str):
            made.tools.call(name, item.params.get("arguments") or {})
    made.survey()
    return made


def read_journal(place: RecordingPlace) -> tuple[list[ToolExchange], list[Found]]:
    """What MCP servers were asked, and the conversations with models. Raises EvidenceError."""
    recorded = _read(place)
    return recorded.tools, list(conversations(recorded.exchanges))


def uncalled(tools: list[ToolExchange], found: list[Found]) -> list[ToolExchange]:
    """Calls over MCP that no recorded conversation makes: nobody knows who asked for them."""
    from dialgate_evals.recording.sameness import calls_in  # noqa: PLC0415 - one use

    known: set[str] = set()
    for item in found:
        if isinstance(item, Conversation):
            known.update(calls_in(item.messages))
    return [
        item
        for item in tools
        if item.method == "tools/call"
        and canonical_json([item.params.get("name"), item.params.get("arguments") or {}])
        not in known
    ]


def _uncalled(tools: list[ToolExchange], found: list[Found]) -> Iterator[Left]:
    lost = uncalled(tools, found)
    if lost:
        calls = sum(item.method == "tools/call" for item in tools)
        what = f"{len(lost)} of {calls} calls over MCP"
        why = (
            "no recorded conversation makes them, so there is no user's request for a case; record "
            "the model as well, or give the request: dialgate cases new SUITE --recorded. "
            "They are kept for --replay"
        )
        yield Left(place=lost[0].place, what=what, why=why)


def _make(folder: Path, made: Import, cases: list[ImportedCase]) -> list[Path]:
    """The whole suite, on first use."""
    texts = suite_texts(RECORDED, suite_name(folder), made.tools, made.prompt)
    texts["cases.jsonl"] = b"".join(json_line(case.document) for case in cases)
    texts[f"transcripts/{RECORDED.version}.jsonl"] = transcript_lines(cases)
    # suite.toml last: a folder that has one is whole
    for name in sorted(texts, key=lambda name: (name == "suite.toml", name)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / name, texts[name])
    return [folder / name for name in sorted(texts)]


def transcript_lines(cases: list[ImportedCase]) -> bytes:
    """What was recorded of each case, as a transcript agent reads it."""
    return b"".join(
        json_line(
            {
                "schema": 1,
                "case_id": case.document["id"],
                "trial": 0,
                "messages": [*case.document["messages"], *case.trajectory],
            }
        )
        for case in cases
        if case.trajectory
    )


def _extend(
    workspace: Workspace, made: Import, cases: list[ImportedCase], left: list[Left]
) -> tuple[list[Path], int]:
    """Adds what the suite doesn't have; the number of added cases comes with the files."""
    contexts = {_context(case.document) for case in workspace.cases}
    ids = {case.id for case in workspace.cases}
    fresh = []
    for case in cases:
        if _context(case.document) in contexts:
            continue
        if case.document["id"] in ids:
            place = str(case.document["source"][RECORDED.version])
            why = f"another case is called {case.document['id']}"
            left.append(Left(place=place, what="a case", why=why))
            continue
        fresh.append(case)
    tools = made.tools.tools()
    written = add_tools(workspace, tools, set(made.tools.inferred), left)
    written += add_classes(workspace, tools)
    written += add_cases(workspace, fresh, transcript_lines(fresh))
    return written, len(fresh)


def _context(document: Mapping[str, Any]) -> str:
    """What makes a context the same: the prompt before it is the release's."""
    return digest_of(without_prompt(list(document["messages"])))
