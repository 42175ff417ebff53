"""What of the system an agent has to see: its interpreter, what is installed there, libraries.

Knows where programs and their parts lie, by names and links alone: nothing is run. Leaves showing
them to `sandbox`.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

SYSTEM = (
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/nix/store",
    "/gnu/store",
)
"""Programs and libraries; a link among them is made as one."""

SETTINGS = tuple(
    f"/etc/{name}"
    for name in (
        "passwd group hosts host.conf resolv.conf nsswitch.conf gai.conf services protocols "
        "localtime timezone mime.types ld.so.cache ld.so.conf ld.so.conf.d alternatives ssl "
        "ca-certificates ca-certificates.conf pki crypto-policies openssl fonts magic "
        "terminfo python3 python3.11 python3.12 python3.13 java-17-openjdk java-21-openjdk"
    ).split()
)  # fmt: skip
"""Of /etc what programs read; never the whole: it holds keys."""

# Behind resolv.conf where systemd keeps it.
RUNNING = ("/run/systemd/resolve", "/run/resolvconf")

_QUOTED_PATH = re.compile(r"""['"](/[^'"\n]+)['"]""")

_FINDERS = ("__editable__", "_editable_impl_")
"""What the modules of editable installs are called."""

_PROGRAM_FOLDERS = frozenset({"bin", "sbin", "shims", "libexec"})
_PARTS = ("bin", "lib", "lib64", "libexec", "include", "share", "pyvenv.cfg")


def find_program(named: str, environ: Mapping[str, str]) -> str | None:
    """The program's absolute path by the harness's PATH; None where there is none."""
    return shutil.which(named, path=environ.get("PATH", os.defpath))


def program_parts(program: Path, *, too_wide: Iterable[Path]) -> tuple[Path, ...]:
    """The folders that a program needs of its own: its prefix, and those that it is linked to.

    A prefix that holds one of `too_wide` (a home, a workspace) is taken apart: only the folders
    that an installation has are named.
    """
    wide = tuple(too_wide)
    found: dict[Path, None] = {}
    prefixes = (
        place.parent.parent if place.parent.name in _PROGRAM_FOLDERS else place.parent
        for place in _links_of(program)
    )
    for prefix in dict.fromkeys(prefixes):
        for part in _narrowed(prefix, wide):
            found.setdefault(part)
        for part in _home_of_environment(prefix):
            found.update(dict.fromkeys(_narrowed(part, wide)))
    return tuple(found)


def _links_of(program: Path) -> Iterator[Path]:
    """The path as named, and each that it leads to."""
    for _ in range(16):
        yield program
        try:
            target = program.readlink()
        except OSError:
            break
        program = Path(os.path.normpath(program.parent / target))
    yield program.resolve()


def _home_of_environment(prefix: Path) -> Iterator[Path]:
    """A virtual environment's base installation, and what its .pth files add."""
    try:
        lines = (prefix / "pyvenv.cfg").read_text("utf-8", "replace").splitlines()
    except OSError:
        return
    for line in lines:
        key, _, value = line.partition("=")
        if key.strip() == "home":
            home = Path(value.strip())
            yield home.parent
            yield home.resolve().parent
    for packages in prefix.glob("lib*/python3*/site-packages"):
        yield from _added_to(packages)


def _added_to(packages: Path) -> Iterator[Path]:
    """Folders and modules elsewhere that .pth files and editable installs name."""
    names = os.listdir(packages)  # noqa: PTH208 - there are hundreds, and few are looked at
    for name in names:
        if not name.endswith(".pth"):
            continue
        for line in (packages / name).read_text("utf-8", "replace").splitlines():
            if line.startswith("/") and Path(line.strip()).is_dir():
                yield Path(line.strip())
    finders = (name for name in names if name.startswith(_FINDERS) and name.endswith(".py"))
    for name in finders:
        for named in _QUOTED_PATH.findall((packages / name).read_text("utf-8", "replace")):
            path = Path(named)
            yield path.parent if path.name == "__init__.py" else path


def _narrowed(prefix: Path, too_wide: tuple[Path, ...]) -> list[Path]:
    if prefix == Path("/") or any(path.is_relative_to(prefix) for path in too_wide):
        return [prefix / name for name in _PARTS if prefix != Path("/")]
    return [prefix]
