"""A cache of judges' votes by content: what a judge said of a text need not be paid for twice.

An entry carries the mark of the machine that made it, for its own key: a change under judgement
can't bring votes along. Leaves keys to `running.judges.panel`, the store to `plain_disk`.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.rubrics.votes import Answer, Vote
from dialgate_evals.files.json_text import JsonTextError, json_line, parse_json
from dialgate_evals.files.problems import show_path
from dialgate_evals.files.schema_validation import DocumentValidator
from dialgate_evals.records.machine_key import machine_key
from dialgate_evals.records.reuse.dropping import drop_old
from dialgate_evals.records.reuse.plain_disk import ForeignEntryError, open_plain_cache

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable
    from pathlib import Path

    from dialgate_evals.records.machine_key import MachineKey

_PURPOSE = "vote"
_LARGEST = 100_000
_TEXT = {"type": "string", "maxLength": 2000}
_SCHEMA = {
    "type": "object",
    "properties": {
        "schema": {"const": 1},
        "key": _TEXT,
        "judge": _TEXT,
        "answer": {"enum": ["yes", "no", "unsure"]},
        "reason": _TEXT,
        "model": _TEXT,
        "prompt": _TEXT,
    },
    "required": ["schema", "key", "judge", "answer", "reason", "model", "prompt"],
    "additionalProperties": False,
}
_ENTRIES = DocumentValidator(_SCHEMA, is_ours=True)


class _BadEntryError(Exception):
    """Bytes that are no entry of this cache; the message says why."""


class DiskVoteCache:
    """Votes in a folder; `say` hears a sentence about the first bad entry of each kind."""

    def __init__(
        self, folder: Path, *, say: Callable[[str], None], key: MachineKey | None = None
    ) -> None:
        """Opens or makes the folder. Raises UsageError where that fails."""
        self._folder, self._say = folder, say
        self._key = key or machine_key()
        self._said: set[str] = set()
        self._cache = open_plain_cache(folder, say=say)

    def get(self, key: str) -> Vote | None:
        """The vote of that key; None where none is kept that this machine made."""
        try:
            raw = self._cache.get(key, retry=True)
            return None if raw is None else self._unpack(key, bytes(raw[:_LARGEST]))
        except (ForeignEntryError, sqlite3.Error, _BadEntryError) as error:
            reason = str(error)
        if reason not in self._said:
            self._said.add(reason)
            self._say(
                f"{show_path(self._folder)}: an entry is no vote: {reason}; the judge is asked "
                "again."
            )
        return None

    def _unpack(self, key: str, raw: bytes) -> Vote:
        """The vote of an entry. Raises _BadEntryError for anything but what `put` made."""
        mark, _, payload = raw.partition(b"\n")
        if not self._key.knows(f"{_PURPOSE} {key}", payload, mark.decode("latin-1")):
            raise _BadEntryError("it is damaged, or another machine or user made it")
        try:
            document: Any = parse_json(payload)
        except JsonTextError as error:
            raise _BadEntryError(f"it holds {error}") from None
        if not _ENTRIES.is_valid(document) or document["key"] != key:
            raise _BadEntryError("it has another format")
        return Vote(
            judge=document["judge"],
            answer=Answer(document["answer"]),
            reason=document["reason"],
            model=document["model"],
            prompt=document["prompt"],
        )

    def put(self, key: str, vote: Vote) -> None:
        """Keeps a vote; one that failed is asked for again another time."""
        if vote.answer is Answer.FAILED or vote.model is None or vote.prompt is None:
            return
        payload = json_line(
            {
                "schema": 1,
                "key": key,
                "judge": vote.judge,
                "answer": vote.answer.value,
                "reason": vote.reason,
                "model": vote.model,
                "prompt": vote.prompt,
            }
        )
        mark = self._key.mark(f"{_PURPOSE} {key}", payload)
        try:
            self._cache.set(key, mark.encode("ascii") + b"\n" + payload, retry=True)
        except sqlite3.Error as error:
            self._say(f"{show_path(self._folder)}: a vote can't be kept ({error}).")

    def gc(self, *, max_bytes: int, max_age_days: float, now: dt.datetime) -> int:
        """Drops what is too old, then the oldest until the rest fits; how many were dropped."""
        try:
            return drop_old(self._folder, max_bytes=max_bytes, max_age_days=max_age_days, now=now)
        except sqlite3.Error as error:
            self._say(f"{show_path(self._folder)}: old votes can't be dropped ({error}).")
            return 0

    def close(self) -> None:
        """Ends the connection to the store."""
        self._cache.close()
