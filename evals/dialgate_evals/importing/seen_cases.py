"""The cases that an import has made so far, on disk: an import may hold more than memory does.

Knows contexts by their digest and the ids that are taken; leaves what is the same to its caller.
"""

from __future__ import annotations

import sqlite3


class SeenCases:
    """A table that nobody else sees; it goes with the object."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)  # a file without a name
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute(
            "CREATE TABLE cases (context TEXT PRIMARY KEY, id TEXT, expect TEXT) WITHOUT ROWID"
        )
        self._database.execute("CREATE TABLE ids (id TEXT PRIMARY KEY, last INTEGER) WITHOUT ROWID")

    def before(self, context: str) -> tuple[str, str] | None:
        """Id and expectation's digest of the case with that context; None where there is none."""
        found = self._database.execute(
            "SELECT id, expect FROM cases WHERE context = ?", (context,)
        ).fetchone()
        return None if found is None else (str(found[0]), str(found[1]))

    def free_id(self, wanted: str) -> str:
        """The id itself, or with the next number that nobody has."""
        last = self._last(wanted)
        if last is None:
            return wanted
        number = last + 1
        while self._last(f"{wanted}-{number}") is not None:
            number += 1
        self._database.execute("UPDATE ids SET last = ? WHERE id = ?", (number, wanted))
        return f"{wanted}-{number}"

    def _last(self, id_: str) -> int | None:
        row = self._database.execute("SELECT last FROM ids WHERE id = ?", (id_,)).fetchone()
        return None if row is None else int(row[0])

    def keep(self, context: str, id_: str, expect: str) -> None:
        """A case that was made."""
        self._database.execute("INSERT INTO cases VALUES (?, ?, ?)", (context, id_, expect))
        self._database.execute("INSERT INTO ids VALUES (?, 1)", (id_,))
