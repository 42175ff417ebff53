"""`dialgate cases import`: reads sources, writes a whole suite's folder, says what was left.

The wiring, the files and the document; leaves formats and cases to `dialgate_evals.importing`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import asdict

from dialgate.cases.next_steps import next_lines
from dialgate.cases.pseudonym_key import find_key
from dialgate.cases.suite_texts import IMPORTED, suite_name, suite_texts
from dialgate.terminal.written import wrote_lines
from dialgate_evals.actions.redaction import Redaction, redactor_for
from dialgate_evals.errors import EvidenceError, UsageError
from dialgate_evals.events.deriving.redacting.pseudonyms import Pseudonyms
from dialgate_evals.events.deriving.redacting.redaction_rules import redaction_rules
from dialgate_evals.files.file_reading import workspace_root
from dialgate_evals.files.json_text import json_line
from dialgate_evals.files.problems import Problem, join_words, show_path
from dialgate_evals.files.suggest import suggest_word
from dialgate_evals.importing.formats.registry import FORMATS
from dialgate_evals.importing.importing import Import
from dialgate_evals.importing.tool_list import guess_all
from dialgate_gate.wording import count_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dialgate_evals.importing.importing import ImportedCase


@dataclass(frozen=True, kw_only=True)
class ImportRequest:
    """What a person asked for."""

    sources: tuple[Path, ...]
    format: str | None
    # None: by content
    out: Path | None
    # None: say what there is, write nothing
    are_conversations: bool = False
    # a conversation is one case, with a user who answers


def import_suite(request: ImportRequest) -> dict[str, Any]:
    """Imports, writes the suite where a folder is named, and gives the document of what was done.

    Raises UsageError for a source, format or folder that can't be used, EvidenceError where nothing
    could be read.
    """
    if request.format is not None and request.format not in {known.name for known in FORMATS}:
        names = [known.name for known in FORMATS]
        hint = suggest_word(request.format, names)
        raise UsageError(
            f"--format {request.format}: no such format. {hint} Known: {join_words(names)}."
        )
    sources = [path for source in request.sources for path in _files(source)]
    out = request.out
    if out is not None and (out.is_file() or (out.is_dir() and any(out.iterdir()))):
        raise UsageError(
            f"{show_path(out)} is not empty. Nothing was written; name a new folder with --out."
        )
    key = find_key(workspace_root(out or Path()), os.environ, may_write=out is not None)
    redactor = redactor_for((), os.environ, Redaction())
    made = Import(
        sources=sources,
        rules=redaction_rules(Redaction(), dict(redactor.secrets)),
        pseudonyms=Pseudonyms(key=key.key),
        only=request.format,
        whole=request.are_conversations,
    )
    try:
        made.survey()
        written = _take(made, out)
    except OSError as error:
        raise UsageError(f"{error.filename}: {error.strerror}.") from None
    if not made.cases_made:
        raise EvidenceError(_nothing(made, sources))
    return _document(made, written, key.note)


def _files(source: Path) -> list[Path]:
    """The files of a source: itself, or everything in a folder that isn't hidden."""
    if source.is_dir():
        inside = sorted(path for path in source.rglob("*") if path.is_file())
        return [path for path in inside if not path.name.startswith(".")]
    if not source.is_file():
        raise UsageError(f"{show_path(source)}: there is no such file or folder.")
    return [source]


def _nothing(made: Import, sources: list[Path]) -> list[Problem]:
    problems = [
        Problem(file=left.place, found=left.what, expected="a case", advice=f"{left.why}.")
        for left in made.left[:50]
    ]
    named = join_words([show_path(path) for path in sources[:5]]) or "the sources"
    expected = "at least one conversation"
    return problems or [Problem(file=named, found="nothing to import", expected=expected)]


def _take(made: Import, out: Path | None) -> list[Path]:
    """Writes the suite; without a folder the cases are only counted."""
    cases = made.cases()
    first = next(cases, None)
    if first is None:
        return []
    if out is None:
        for _ in cases:
            pass
        return []
    (out / "transcripts").mkdir(parents=True, exist_ok=True)
    _write_cases(first, cases, out)
    texts = suite_texts(IMPORTED, suite_name(out), made.tools, made.prompt)
    for name, text in texts.items():
        (out / name).parent.mkdir(exist_ok=True)
        (out / name).write_bytes(text)
    names = ("cases.jsonl", *texts, "transcripts/imported.jsonl")
    return [out / name for name in names]


def _write_cases(first: ImportedCase, rest: Iterable[ImportedCase], out: Path) -> None:
    """Case by case, so that no import has to fit into memory."""
    with (out / "cases.jsonl").open("wb") as cases, (
        out / "transcripts/imported.jsonl"
    ).open("wb") as transcripts:  # fmt: skip
        for made in _with_first(first, rest):
            cases.write(json_line(made.document))
            if not made.trajectory:
                continue  # nothing was recorded, so nothing may pass or fail
            trial = {"schema": 1, "case_id": made.document["id"], "trial": 0}
            messages = [*made.document["messages"], *made.trajectory]
            transcripts.write(json_line({**trial, "messages": messages}))


def _with_first(first: ImportedCase, rest: Iterable[ImportedCase]) -> Iterable[ImportedCase]:
    yield first
    yield from rest


def _document(made: Import, written: list[Path], note: str) -> dict[str, Any]:
    tools = made.tools.tools()
    return {
        "schema": 1,
        "formats": made.formats,
        "conversations": made.conversations,
        "cases": made.cases_made,
        "unrecorded": made.unrecorded,
        "redacted": made.redacted,
        "tools": len(tools),
        "inferred": made.tools.inferred,
        "classes": {
            name: asdict(guess) for name, guess in guess_all(tools.values()).items()
        },
        "left": [asdict(left) for left in made.left],
        "unlisted": made.unlisted,
        "files": [show_path(path) for path in written],
        "notes": [note] if note else [],
    }  # fmt: skip


def render_import(document: dict[str, Any], out: Path | None) -> str:
    """What was imported, what was left and why, and what to do next."""
    lines = [
        f"{name}: {kind}" for name, kind in list(document["formats"].items())[:20]
    ]  # fmt: skip
    lines.append(
        f"{count_of(document['conversations'], 'conversation')}, "
        f"{count_of(document['cases'], 'case')}, {count_of(document['tools'], 'tool')}; "
        f"{count_of(document['redacted'], 'value')} of persons or secrets replaced."
    )
    if document["unrecorded"]:
        lines.append(
            f"{count_of(document['unrecorded'], 'case')} without a recorded trajectory: "
            "only your agent can run what has none."
        )
    if document["inferred"]:
        names = join_words(document["inferred"][:20])
        lines.append(f"Schemas inferred from calls, because none was declared: {names}.")
    left, unlisted = document["left"], document["unlisted"]
    if left:
        lines.append(f"\nWithout a counterpart ({len(left) + unlisted}):")
        lines += [f"  {item['place']}: {item['what']}: {item['why']}" for item in left]
        if unlisted:
            lines.append(f"  and {unlisted} more")
    lines += [f"Note: {note}" for note in document["notes"]]
    if out is None:
        lines.append("\nNothing was written: --out DIR writes the suite.")
    else:
        lines += ["", *wrote_lines(document["files"], show_path(out))]
        lines += next_lines(document, show_path(out))
    return "\n".join(lines)
