"""Files become cases: tools first, then every conversation cut, checked and redacted.

Each source is read twice, as streams: what a tool does is guessed from all of its calls before the
first case is cut. Leaves writing to the caller.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from dialgate_evals.actions.trajectory import text_of
from dialgate_evals.dialects.front_door import read_messages
from dialgate_evals.events.deriving.redacting.event_redaction import redact_name, redact_parts
from dialgate_evals.events.deriving.redacting.redaction_rules import RedactionError
from dialgate_evals.files.json_text import digest_of
from dialgate_evals.files.problems import show_path
from dialgate_evals.files.schema_validation import check_document
from dialgate_evals.importing.batches import Batches
from dialgate_evals.importing.formats.registry import FORMATS, recognise
from dialgate_evals.importing.found import Left
from dialgate_evals.importing.reading.documents import read_documents
from dialgate_evals.importing.seen_cases import SeenCases
from dialgate_evals.importing.shared_prompt import SharedPrompt
from dialgate_evals.importing.tool_list import ToolList, guess_all
from dialgate_evals.importing.turns import Turn, TurnCutter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from dialgate_evals.events.deriving.redacting.pseudonyms import Pseudonyms
    from dialgate_evals.events.deriving.redacting.redaction_rules import RedactionRules
    from dialgate_evals.importing.found import Document, Format, Found

_PEEKED = 20
_MOST_LISTED = 10_000
_ID = re.compile(r"[^A-Za-z0-9._:-]+")


class ImportedCase(Struct, frozen=True, kw_only=True):
    """A case, and the trajectory that it came from as a transcript's messages."""

    document: dict[str, Any]
    trajectory: list[dict[str, Any]]


class Import(Struct, kw_only=True):
    """One import: what was read, and what was left; filled while `cases` runs."""

    sources: list[Path]
    rules: RedactionRules
    pseudonyms: Pseudonyms
    found: Callable[[], Iterator[Found]] | None = None
    # gives conversations that no file of a known format holds, each time the same
    tag: str = "imported"
    whole: bool = False
    # a conversation is one case, with its user
    only: str | None = None
    # the name of a format; None: by content
    tools: ToolList = field(default_factory=ToolList)
    shared: SharedPrompt = field(default_factory=SharedPrompt)
    # known after `survey`
    prompt: str | None = None
    # what the release's prompt is, redacted; None: none is shared. Known after `cases`
    formats: dict[str, str] = field(default_factory=dict)
    # by source
    left: list[Left] = field(default_factory=list)
    unlisted: int = 0
    conversations: int = 0
    cases_made: int = 0
    unrecorded: int = 0
    # cases that nothing was done in, only asserted
    redacted: int = 0

    def survey(self) -> None:
        """The first reading: which formats and which tools there are."""
        for found in self._found():
            if isinstance(found, Left):
                self._leave(found)
                continue
            self.conversations += 1
            self.shared.see(found.messages)
            self.tools.declare(found.tools, found.place)
            for call in read_messages(found.messages).calls:
                self.tools.call(call.name, call.arguments)
            for key in ("actions", "forbid"):
                for pattern in found.expect.get(key, ()):
                    self._survey_pattern(pattern)
        for left in self.tools.left.values():
            self._leave(left)

    def _survey_pattern(self, pattern: dict[str, Any]) -> None:
        if isinstance(pattern.get("arguments"), dict):
            self.tools.call(pattern["name"], pattern["arguments"])
        else:
            self.tools.name(pattern["name"])

    def cases(self) -> Iterator[ImportedCase]:
        """The second reading: every case, once."""
        tools = self.tools.tools()
        cutter = TurnCutter(tools, guess_all(tools.values()), whole=self.whole)
        seen = SeenCases()
        for found in self._found():
            if isinstance(found, Left):
                continue
            for turn in cutter.cut(found):
                if isinstance(turn, Left):
                    self._leave(turn)
                    continue
                made = self._case(turn, seen)
                if made is not None:
                    self.cases_made += 1
                    self.unrecorded += not made.trajectory
                    yield made

    def _case(self, turn: Turn, seen: SeenCases) -> ImportedCase | None:
        try:
            parts, count = redact_parts(
                [turn.context, turn.recordings, turn.expect, turn.trajectory, turn.user],
                self.rules, self.pseudonyms,
            )  # fmt: skip
        except RedactionError as error:
            why = f"personal data in it can't be replaced: {error}"
            self._leave(Left(place=turn.place, what="a case", why=why))
            return None
        context, recordings, expect, trajectory, user = parts
        if self.shared.is_in(turn.context):
            self.prompt = text_of(context[0]["content"])
            context = context[1:]
        key, wanted = digest_of(context), digest_of(expect)
        known = seen.before(key)
        if known is not None:
            other, before = known
            same = "the same case" if before == wanted else "another expectation"
            why = f"{same} for the same context as case {other}"
            self._leave(Left(place=turn.place, what="a case", why=why))
            return None
        id_ = seen.free_id(self._id(turn.id))
        document = _document(id_, turn, [context, recordings, expect, user], self.tag)
        problems = check_document(
            document, "case", turn.place, lambda path: "/".join(map(str, path))
        )
        if problems:
            self._leave(Left(place=turn.place, what=problems[0].found, why=problems[0].expected))
            return None
        seen.keep(key, id_, wanted)
        self.redacted += count
        return ImportedCase(document=document, trajectory=trajectory)

    def _id(self, wanted: str) -> str:
        name = redact_name(wanted, self.rules, self.pseudonyms)
        return _ID.sub("-", name).strip("-")[:120] or "case"

    def _leave(self, left: Left) -> None:
        if len(self.left) < _MOST_LISTED:
            self.left.append(Left(place=str(left.place), what=left.what, why=left.why))
        else:
            self.unlisted += 1

    def _found(self) -> Iterator[Found]:
        if self.found is not None:
            yield from self.found()
        batches = Batches(self.sources)
        for source in self.sources:
            if source not in batches.answer_files:
                yield from self._found_in(source, batches)
        yield from batches.unasked()

    def _found_in(self, source: Path, batches: Batches) -> Iterator[Found]:
        documents = batches.joined(read_documents(source))
        peeked: list[Document | Left] = []
        chosen = next((f for f in FORMATS if f.name == self.only), None)
        for item in documents:
            peeked.append(item)
            if not isinstance(item, Left) and chosen is None:
                chosen = recognise(item[1])
            if chosen is not None or len(peeked) >= _PEEKED:
                break
        if chosen is None:
            readable = [item for item in peeked if isinstance(item, Left)]
            yield from readable
            if len(readable) < len(peeked) or not peeked:
                why = "no format that is known here; --format names one"
                yield Left(place=show_path(source), what="a file", why=why)
            return
        self.formats[show_path(source)] = chosen.name
        yield from _read(chosen, [*peeked], documents)


def _read(
    chosen: Format, peeked: Sequence[Document | Left], rest: Iterator[Document | Left]
) -> Iterator[Found]:
    """What the format finds, with the documents that nobody can read in their places."""
    waiting: list[Left] = []

    def readable() -> Iterator[Document]:
        for items in (peeked, rest):
            for item in items:
                if isinstance(item, Left):
                    waiting.append(item)
                else:
                    yield item

    for found in chosen.read(readable()):
        yield from waiting
        waiting.clear()
        yield found
    yield from waiting


def _document(id_: str, turn: Turn, parts: list[Any], tag: str) -> dict[str, Any]:
    context, recordings, expect, user = parts
    return {
        "schema": 1,
        "id": id_,
        "origin": "golden",
        "messages": context,
        "recordings": recordings,
        **({} if user is None else {"user": user}),
        "expect": expect,
        "tags": sorted({tag, *turn.tags}),
        "source": {tag: str(turn.place)},  # a plain text, which alone can be written
    }
