"""A PostgreSQL server of a test's own, from Debian's packages, on loopback."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
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
    """A running server; its URL without a table. Ended by its process id."""
    programs = require_programs()
    folder = Path(tempfile.mkdtemp(prefix="dialgate-pg-"))
    data = folder / "data"
    # The server refuses to run as root: then it runs as the user that Debian's package made.
    prefix: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    (secret := folder / "password").write_text(PASSWORD)
    secret.chmod(0o644)
    try:
        subprocess.run(
            [*prefix, programs / "initdb", "-D", data, "-U", USER, "-E", "UTF8", "--locale=C",
             "--auth=scram-sha-256", f"--pwfile={secret}", "--no-sync"],
            check=True, capture_output=True, cwd=folder,
        )  # fmt: skip
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        settings = {
            "listen_addresses": "127.0.0.1", "port": str(port), "fsync": "off",
            "unix_socket_directories": str(folder),
        }  # fmt: skip
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [*prefix, programs / "postgres", "-D", data, *options],
                stdout=log, stderr=log, cwd=folder,
            )  # fmt: skip
        try:
            _await_answer(server, port, folder / "log")
            yield f"postgresql://{USER}:{PASSWORD.replace('@', '%40')}@127.0.0.1:{port}/postgres"
        finally:
            server.send_signal(signal.SIGQUIT)
            server.wait(timeout=30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _await_answer(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Returns when the server takes connections; fails with its log where it never does."""
    import psycopg

    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        try:
            psycopg.connect(
                host="127.0.0.1", port=port, user=USER, password=PASSWORD, dbname="postgres"
            ).close()
            return
        except psycopg.OperationalError:
            # The one wait there is for a process of another make; it ends with the answer.
            time.sleep(0.05)
    pytest.fail(f"PostgreSQL did not start: {log.read_text(errors='replace')[-2000:]}")
