"""`local:N`: a scheduler and N workers on this machine, in processes of their own, for one command.

They speak TLS with keys that are made for them and kept by nobody else: a scheduler on loopback
takes orders from every program of the machine. As a script this file is that cluster; it ends when
its standard input does.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any

from dialgate_evals.files.plain_text import printable, shorten
from dialgate_evals.running.executors.cluster.channel import ClusterLostError

if TYPE_CHECKING:
    from distributed import Security


class LocalCluster:
    """The processes; `start` before use, `close` at the end."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._process: subprocess.Popen[bytes] | None = None
        self._said: dict[str, Any] = {}
        self._said_beside: IO[bytes]
        # what the processes write to standard error, for the case that they can't be started

    def start(self) -> None:
        """Starts the cluster; a second call does nothing. Raises ClusterLostError."""
        if self._process is not None:
            return
        self._said_beside = TemporaryFile()  # noqa: SIM115 - closed with the processes
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(self._workers)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said_beside,
            start_new_session=True,  # Ctrl-C is the command's, which ends this
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._said_beside.seek(0)
            said = self._said_beside.read().decode("utf-8", "replace").strip().splitlines()
            self.close()
            why = shorten(printable(said[-1]), 300) if said else "it says nothing"
            raise ClusterLostError(f"a cluster on this machine can't be started: {why}")
        self._said = json.loads(line)

    @property
    def address(self) -> str:
        """The scheduler's address, once it is started."""
        return str(self._said["address"])

    def security(self) -> Security:
        """The keys by which it is spoken to."""
        from distributed import Security  # noqa: PLC0415 - an extra, and slow to load

        return Security(
            require_encryption=True,
            tls_ca_file=self._said["ca"],
            tls_client_cert=self._said["certificate"],
            tls_client_key=self._said["key"],
        )

    def close(self) -> None:
        """Ends the processes."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert process.stdout is not None
        process.stdout.close()
        self._said_beside.close()


def serve(workers: int) -> None:
    """The cluster, until standard input ends."""
    import logging  # noqa: PLC0415 - of this process alone

    import dask  # noqa: PLC0415 - an extra, and slow to load
    from distributed import LocalCluster as DaskCluster  # noqa: PLC0415 - as above
    from distributed import Security  # noqa: PLC0415 - as above

    quiet = {"distributed.admin.log-format": "%(message)s", "distributed.worker.daemon": True}
    with dask.config.set(quiet):
        security = Security.temporary()
        threads = max(1, (os.cpu_count() or 1) // workers)
        with DaskCluster(
            n_workers=workers,
            threads_per_worker=threads,
            host="127.0.0.1",
            protocol="tls://",
            security=security,
            dashboard_address=None,
            silence_logs=logging.CRITICAL + 1,
        ) as cluster:
            client = security.get_tls_config_for_role("client")
            said = {
                "address": cluster.scheduler_address,
                "ca": client["ca_file"],
                "certificate": client["cert"],
                "key": client["key"],
            }
            sys.stdout.write(json.dumps(said) + "\n")
            sys.stdout.flush()
            sys.stdin.read()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
