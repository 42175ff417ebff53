"""The secret by which this machine, or this CI, knows what it wrote itself.

A checkout can hold anything, also below the output folder: trials, journals and records that save
an agent call are believed only where they carry a mark that needs this secret. Knows where the
secret lies (never in the checkout) and how marks are made; leaves what is marked to its writers.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from dialgate_evals.errors import UsageError
from dialgate_evals.files.problems import show_path

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE = "DIALGATE_SECRET"
FILE_VARIABLE = "DIALGATE_SECRET_FILE"
_LEAST = 16
"""Characters of a secret: a shorter one can be guessed."""


@dataclass(frozen=True, slots=True)
class MachineKey:
    """Secrets in order: the first makes marks, each of them is recognised."""

    secrets: tuple[bytes, ...]

    def __repr__(self) -> str:
        return "MachineKey(…)"

    def mark(self, purpose: str, content: bytes) -> str:
        """Sixty-four hexadecimal digits that only the secret makes of this content."""
        return _mark(self.secrets[0], purpose, content)

    def knows(self, purpose: str, content: bytes, mark: object) -> bool:
        """Whether one of the secrets made the mark of this content, for this purpose."""
        if not isinstance(mark, str) or not mark.isascii():
            return False
        found = [
            hmac.compare_digest(_mark(secret, purpose, content), mark) for secret in self.secrets
        ]
        return any(found)


def _mark(secret: bytes, purpose: str, content: bytes) -> str:
    """HMAC-SHA-256 of RFC 2104; what the secret alone decides is computed once."""
    begun, outer = _begun(secret)
    inner = begun.copy()
    inner.update(b"dialgate " + purpose.encode() + b"\0")
    inner.update(content)
    whole = outer.copy()
    whole.update(inner.digest())
    return whole.hexdigest()


_BLOCK = 64
_INNER, _OUTER = (bytes(byte ^ pad for byte in range(256)) for pad in (0x36, 0x5C))


@lru_cache(maxsize=16)
def _begun(secret: bytes) -> tuple[hashlib._Hash, hashlib._Hash]:
    """Both hashes behind their padded keys; only copies of them may go on."""
    short = secret if len(secret) <= _BLOCK else hashlib.sha256(secret).digest()
    key = short.ljust(_BLOCK, b"\0")
    return hashlib.sha256(key.translate(_INNER)), hashlib.sha256(key.translate(_OUTER))


def machine_key(environment: Mapping[str, str] | None = None) -> MachineKey:
    """The secrets of `DIALGATE_SECRET`, of the file `DIALGATE_SECRET_FILE`, or of this user.

    The user's own is made at first use below `~/.config/dialgate`. Where it can't be kept, one for
    this process is made: nothing of an earlier run is believed then. Several secrets are separated
    by white space or commas. Raises UsageError for one that is too short, or lies in the checkout.
    """
    variables = os.environ if environment is None else environment
    return named_key(variables) or _own(variables)


def named_key(variables: Mapping[str, str]) -> MachineKey | None:
    """The secrets that somebody gave this machine, and may have given others; None: nobody did.

    Raises UsageError for one that is too short, or lies in the checkout.
    """
    if text := variables.get(VARIABLE, "").strip():
        return MachineKey(_parse(text, VARIABLE))
    if name := variables.get(FILE_VARIABLE, "").strip():
        return MachineKey(_parse(_read_named(Path(name)), f"{FILE_VARIABLE} {name}"))
    return None


def _parse(text: str, source: str) -> tuple[bytes, ...]:
    found = tuple(part.encode() for part in re.split(r"[\s,]+", text) if part)
    if not found or min(len(part) for part in found) < _LEAST:
        raise UsageError(
            f"{source}: expected secrets of at least {_LEAST} characters, as from "
            "`openssl rand -hex 32`."
        )
    return found


def _read_named(path: Path) -> str:
    checkout = _checkout_of(Path.cwd())
    if checkout is not None and path.resolve().is_relative_to(checkout):
        raise UsageError(
            f"{FILE_VARIABLE} {show_path(path)}: it lies in the checkout, so a change could bring "
            "its own. Keep it elsewhere."
        )
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{FILE_VARIABLE} {show_path(path)}: it can't be read: {error}.") from None


def _checkout_of(folder: Path) -> Path | None:
    resolved = folder.resolve()
    return next((p for p in (resolved, *resolved.parents) if (p / ".git").exists()), None)


_process_key: list[MachineKey] = []
"""The key of a process that could not keep one."""


def _own(variables: Mapping[str, str]) -> MachineKey:
    base = variables.get("XDG_CONFIG_HOME") or ""
    home = variables.get("HOME") or ""
    folder = Path(base) if Path(base).is_absolute() else Path(home) / ".config"
    path = folder / "dialgate" / "secret"
    if folder.is_absolute():
        try:
            return MachineKey(_parse(_read_or_make(path), show_path(path)))
        except (OSError, UnicodeDecodeError, UsageError):
            pass
    if not _process_key:
        _process_key.append(MachineKey((secrets.token_bytes(32),)))
    return _process_key[0]


def _read_or_make(path: Path) -> str:
    """The file's text. Raises OSError where it can't be kept, or others could have written it."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = path.with_name(f".secret.{os.getpid()}.{secrets.token_hex(4)}")
        number = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(secrets.token_hex(32) + "\n")
        try:
            os.link(temporary, path)  # not over another process's, which may be in use already
        except FileExistsError:
            pass
        finally:
            temporary.unlink(missing_ok=True)
    state = path.stat()
    if state.st_uid != os.geteuid() or state.st_mode & 0o022:
        raise OSError("others may have written it")
    return path.read_text("utf-8")
