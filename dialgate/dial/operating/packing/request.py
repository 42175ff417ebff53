"""What a person asks of `dialgate pack`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from dialgate.signatures.keys import PrivateKey


@dataclass(frozen=True, kw_only=True)
class PackRequest:
    """What goes in, and where the pack goes."""

    folder: Path
    # the suite's
    target: Path
    events: str | None
    # a file, folder, glob or URL; None: no decisions of people are counted
    attestations: tuple[Path, ...] = ()
    # signed verdicts; the last is the release's own
    verdicts: tuple[Path, ...] = ()
    # verdict documents of `check`
    run: Path | None = None
    # None: the newest record of the release
    release: str | None = None
    records: Path
    # where run records lie
    key: PrivateKey | None = None
    # None: nobody signs the manifest
    now: dt.datetime
