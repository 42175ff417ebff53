"""What an agent loaded on all workers together, as they tell it lot by lot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.files.json_text import JsonTextError, parse_json
from dialgate_evals.suite.loaded_code import LoadedCode, merge_loaded, parse_loaded

if TYPE_CHECKING:
    from dialgate_evals.running.executors.cluster.messages import Ran


class LoadedThere:
    """One release's agent on every worker that ran a trial of it."""

    def __init__(self) -> None:
        self._known: dict[str, LoadedCode | None] = {}
        # by worker; None: it can't say
        self.loaded: LoadedCode | None = None
        # all of it together, another with each news; None where any worker can't say
        self._died: dict[str, int] = {}

    def digest_of(self, worker: str) -> str:
        """What is known of that worker; empty: nothing."""
        known = self._known.get(worker)
        return "" if known is None else known.digest

    def hear(self, answer: Ran) -> None:
        """Takes in what a worker says beside its trials; what can't be read is not known."""
        self._died[answer.worker] = max(answer.workers_died, self._died.get(answer.worker, 0))
        if answer.loaded is not None:
            self._known[answer.worker] = _read(answer.loaded)
        elif answer.loaded_digest == "" or answer.loaded_digest != self.digest_of(answer.worker):
            self._known[answer.worker] = None
        else:
            return
        self.loaded = merge_loaded(self._known.values())

    @property
    def workers_died(self) -> int:
        """Processes of the agent that ended under a trial, on all workers."""
        return sum(self._died.values())


def _read(raw: bytes) -> LoadedCode | None:
    try:
        document = parse_json(raw)
        files, elsewhere = document["files"], document["elsewhere"]
        if not all(
            isinstance(text, str) for pair in (*files.items(), *elsewhere.items()) for text in pair
        ):
            return None
        return parse_loaded(document)
    except (JsonTextError, KeyError, TypeError, AttributeError, ValueError):
        return None
