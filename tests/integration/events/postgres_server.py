"""A PostgreSQL server of a test's own, from Debian's packages, on loopback."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

USER = "tester"
PASSWORD = "s3cret@x"


def server_programs() -> Path | None:
    """The folder of `initdb` and `postgres`; None where PostgreSQL is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    other = shutil.which("initdb")
    return Path(other).resolve().parent if other else None


def require_programs() -> Path:
    """The programs; skips with the reason where they are absent, and fails in CI."""
    programs = server_programs()
    if programs is None:
        reason = "PostgreSQL's server is not installed (Debian: apt-get install postgresql)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return programs


@contextmanager
def postgres_server() -> Iterator[str]:
    """A running server; its URL without a table. Ended by its process id, which it writes down."""
    programs = require_programs()
    folder = Path(tempfile.mkdtemp(prefix="dialgate-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    (secret := folder / "password").write_text(PASSWORD)
    secret.chmod(0o644)
    data = folder / "data"
    try:
        as_server(
            programs / "initdb", "-D", data, "-U", USER, "-E", "UTF8", "--locale=C", "--no-sync",
            "--auth=scram-sha-256", f"--pwfile={secret}", folder=folder,
        )  # fmt: skip
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        settings = (
            f"-c listen_addresses=127.0.0.1 -c port={port} -c fsync=off "
            f"-c unix_socket_directories={folder}"
        )
        control = (programs / "pg_ctl", "-D", data, "-w")
        as_server(*control, "-l", folder / "log", "-o", settings, "start", folder=folder)
        try:
            yield f"postgresql://{USER}:{PASSWORD.replace('@', '%40')}@127.0.0.1:{port}/postgres"
        finally:
            as_server(*control, "-m", "immediate", "stop", folder=folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def as_server(*command: str | Path, folder: Path) -> None:
    """Runs one of the server's programs; as root, as the user that Debian's package made."""
    prefix: list[str] = []
    if os.geteuid() == 0:
        prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    with (folder / "said").open("w+", encoding="utf-8", errors="replace") as said:
        done = subprocess.run(
            [*prefix, *command], cwd=folder, stdout=said, stderr=said, check=False, timeout=120
        )
        said.seek(0)
        assert done.returncode == 0, said.read()[-2_000:]
