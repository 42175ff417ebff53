"""The nonce of one check: what binds a verdict to the run that asked for it.

Whoever starts a check draws a nonce, hands it over by a file or pipe that nobody else reads, and
finds it in the verdict: a file that somebody else left there can't hold it. Knows how it is read
and held against a verdict; leaves the verdict to `gate`.
"""

from __future__ import annotations

import hmac
import re
import sys
from typing import TYPE_CHECKING

from dialgate.reporting.rendering import read_verdict
from dialgate_evals.errors import DialgateError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

_NONCE = re.compile(r"[A-Za-z0-9_-]{16,128}", flags=re.ASCII)
_MOST_CHARACTERS = 200


def read_nonce(path: Path) -> str:
    """The nonce that stands in the file or pipe, `-` being standard input.

    Raises UsageError for one that could be guessed or is no plain text.
    """
    try:
        if str(path) == "-":
            text = sys.stdin.read(_MOST_CHARACTERS)
        else:
            with path.open(encoding="ascii") as file:
                text = file.read(_MOST_CHARACTERS)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--nonce {path}: it can't be read: {error}.") from None
    if not _NONCE.fullmatch(text.strip()):
        raise UsageError("--nonce: expected 16 to 128 letters, digits, dashes and underscores.")
    return text.strip()


def confirmed_code(verdict: Path, exit_code: int, nonce: str) -> tuple[int, str]:
    """The code to end with, and why it isn't the check's own; empty where it is."""
    if exit_code != 0:
        return exit_code, ""
    try:
        document = read_verdict(verdict)
    except DialgateError as error:
        return 4, f"The check ended with 0 and left no verdict: {error}"
    if not hmac.compare_digest(str(document.get("nonce")).encode(), nonce.encode()):
        return 4, "The verdict that lies there is not this check's: another nonce stands in it."
    if document.get("exit_code") != 0:
        return 4, f"The check ended with 0, its verdict with {document.get('exit_code')}."
    return 0, ""
