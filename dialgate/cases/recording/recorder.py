"""Keeps what passes: takes keys and personal data out, and adds it to the journal.

Works in one thread of its own, so that what is passing goes on meanwhile. What can't be kept is
counted and told, and passes all the same.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from dialgate.cases.recording.journal import Journal
from dialgate_evals.recording.exchanges import Exchange, ToolExchange, Unrecorded
from dialgate_evals.recording.withholding import Withholding

if TYPE_CHECKING:
    from collections.abc import Callable

    from dialgate.cases.recording.places import RecordingPlace
    from dialgate_evals.recording.exchanges import Kept


class Recorder:
    """One process's part of a recording."""

    def __init__(self, place: RecordingPlace, tell: Callable[[str], None]) -> None:
        self._withholding = Withholding(place.rules, place.pseudonyms)
        self._journal = Journal(place.journal, is_private=place.is_private)
        self._tell = tell
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self.kept = 0
        self.unkept = 0
        # answers that passed and are not in the journal

    def prepare(self) -> None:
        """Makes what will be written to. Raises UsageError."""
        self._journal.prepare()

    def expect(self, body: dict[str, Any], keys: tuple[str, ...]) -> None:
        """A request was passed on: what its history needs is done while the model thinks."""
        self._thread.submit(self._withholding.look_ahead, body, keys)

    async def keep(self, kept: Kept | Callable[[], Kept], keys: tuple[str, ...] = ()) -> None:
        """Adds it, or what the function makes, to the journal; returns once it is there."""
        loop = asyncio.get_running_loop()
        await asyncio.shield(loop.run_in_executor(self._thread, self.keep_now, kept, keys))

    def keep_now(self, made: Kept | Callable[[], Kept], keys: tuple[str, ...] = ()) -> None:
        """As `keep`, but writes before it returns: for the recorder's own thread."""
        try:
            kept = made() if callable(made) else made
            if isinstance(kept, Exchange):
                kept = self._withholding.exchange(kept, keys)
            elif isinstance(kept, ToolExchange):
                kept = self._withholding.tool(kept, keys)
            self._journal.add(kept)
        except OSError as error:
            self._lost(f"the journal can't be written: {error.strerror}")
        except Exception as error:  # noqa: BLE001 - what passes must not depend on what is kept
            self._lost(f"it can't be kept: {type(error).__name__}")
        else:
            self.kept += not isinstance(kept, Unrecorded)
            self.unkept += isinstance(kept, Unrecorded)

    def _lost(self, why: str) -> None:
        self.unkept += 1
        if self.unkept <= 5:
            self._tell(f"NOT RECORDED: {why}.")

    def close(self) -> None:
        """Waits for what is being added."""
        self._thread.shutdown(wait=True)
        self._journal.close()
