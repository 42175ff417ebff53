"""Pages sent to people: Slack, Teams, PagerDuty, mail, webhooks, whatever Apprise knows.

A destination is the name of an environment variable that holds Apprise URLs: what is in it is
secret, is handed to Apprise alone, and stands in no message, file or log. What was delivered is
remembered below --out by the page's digest, so that the next look doesn't page again.
"""

from __future__ import annotations

import logging
import os
import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate_evals.errors import UsageError
from dialgate_evals.files.file_writing import write_atomically
from dialgate_evals.files.json_text import JsonTextError, digest_of, parse_json
from dialgate_evals.records.own_folders import refuse_links

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import apprise

    from dialgate_gate.live.alarms.page import Page

_MOST_REMEMBERED = 10_000
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """One environment variable and what it leads to."""

    name: str
    sink: apprise.Apprise


def destinations(names: Iterable[str]) -> tuple[Destination, ...]:
    """The destinations that these variables name.

    Raises UsageError: without the extra, for a variable that isn't set, or that holds no URL that
    Apprise knows. Its content is in no message.
    """
    return tuple(_destination(name) for name in dict.fromkeys(names))


def _destination(name: str) -> Destination:
    if not _NAME.fullmatch(name):
        # Whoever gave the URL itself must not read it again in a log.
        raise UsageError("--notify takes the name of an environment variable, not what is in it.")
    urls = os.environ.get(name, "").split()
    if not urls:
        raise UsageError(f"--notify {name}: the environment has no such variable, or an empty one.")
    sink = _sink(urls)
    if sink is None:
        raise UsageError(f"--notify {name}: it holds a URL that Apprise doesn't know.")
    return Destination(name=name, sink=sink)


def _sink(urls: list[str]) -> apprise.Apprise | None:
    """Where these URLs lead; None: Apprise doesn't know one of them."""
    with warnings.catch_warnings():
        # Its plug-ins load modules that Python is about to drop.
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            import apprise  # noqa: PLC0415 - an extra, and heavy
        except ImportError:
            raise UsageError("--notify needs pip install 'dialgate[notify]'.") from None
        # It logs addresses.
        logging.getLogger("apprise").disabled = True
        sink = apprise.Apprise()
        known = [sink.add(url) for url in urls]
    return sink if all(known) else None


class Sent:
    """Which pages reached which destination before."""

    def __init__(self, folder: Path | None) -> None:
        self._path = None if folder is None else folder / "watch" / "paged.json"
        self._known: list[str] = []
        if self._path is not None and self._path.is_file():
            refuse_links(self._path.parent)
            self._known = _read(self._path)

    def has(self, page: Page, destination: Destination) -> bool:
        """Whether it was delivered there."""
        return _key(page, destination) in self._known

    def add(self, page: Page, destination: Destination) -> None:
        """Remembers it, on disk where there is a place."""
        self._known = [*self._known, _key(page, destination)][-_MOST_REMEMBERED:]
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            refuse_links(self._path.parent)
            text = "\n".join(f'  "{item}",' for item in self._known).rstrip(",")
            write_atomically(self._path, f"[\n{text}\n]\n".encode())


def _key(page: Page, destination: Destination) -> str:
    return digest_of([page.name, destination.name])


def _read(path: Path) -> list[str]:
    """What was remembered; nothing of a file that is none: a page sent twice is no harm."""
    try:
        found: Any = parse_json(path.read_bytes())
    except (JsonTextError, OSError):
        return []
    return [item for item in found if isinstance(item, str)] if isinstance(found, list) else []


def send(page: Page, text: str, to: Iterable[Destination], sent: Sent) -> Iterator[str]:
    """Sends the page where it was not delivered yet; a sentence for each that failed."""
    for destination in to:
        if sent.has(page, destination):
            continue
        if destination.sink.notify(body=text, title=page.title, notify_type="failure"):
            sent.add(page, destination)
        else:
            yield (
                f"The page on {page.action_class} ({page.signal}) could not be delivered to all "
                f"of {destination.name}; the next look tries again."
            )
