"""A Dask scheduler, asked through one importable function.

All of Dask that this project uses is here: connecting, listing workers, one task a question, bound
to its worker. Leaves what is asked, and whom next where a worker dies, to `cluster.executor`.
"""

from __future__ import annotations

import asyncio
import logging
import re
import warnings
from concurrent.futures import CancelledError
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.plain_text import printable, shorten
from dialgate_evals.running.executors.cluster.channel import ClusterLostError, TaskLostError
from dialgate_evals.running.executors.cluster.dask_side.harmless_pickle import harmless_pickles
from dialgate_evals.running.executors.cluster.worker.answering import answer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from distributed import Client, Security

CONNECT_S = 15.0
"""How long a scheduler may take to answer."""

_NO_KEYS = "Dask's TLS settings name no certificates (distributed.comm.tls)"

_WORDS = re.compile(rb"[ -~]{5,}")
"""Texts in a pickle that is not opened."""


class DaskChannel:
    """One client of a scheduler, in the running loop."""

    def __init__(self, client: Client, url: str) -> None:
        self._client = client
        self._url = url

    async def workers(self) -> frozenset[str]:
        """Addresses of the workers that are there now. Raises ClusterLostError."""
        try:
            async with asyncio.timeout(CONNECT_S):
                threads = await self._client.nthreads()
        except (OSError, TimeoutError, CancelledError) as error:
            raise ClusterLostError(f"{self._url} doesn't answer any more: {_text(error)}") from None
        return frozenset(map(str, threads))

    async def ask(self, raw: bytes, *, worker: str, key: str) -> object:
        """What the task says. Raises TaskLostError, ClusterLostError; cancelled, so is the task."""
        future = self._client.submit(answer, raw, key=key, workers=[worker])
        try:
            return await future
        except CancelledError as error:
            raise ClusterLostError(f"{self._url} gave up its tasks: {_text(error)}") from None
        except asyncio.CancelledError:
            await future.cancel()
            raise
        except OSError as error:
            raise ClusterLostError(f"{self._url} doesn't answer any more: {_text(error)}") from None
        except Exception as error:  # noqa: BLE001 - whatever a worker or the scheduler sent as one
            raise TaskLostError(_text(error)) from None
        finally:
            future.release()


@asynccontextmanager
async def connect_to(url: str, security: Security | None = None) -> AsyncIterator[DaskChannel]:
    """A connection to the scheduler at that address. Raises ClusterLostError within a bound.

    Without `security`, Dask's own settings say how TLS is spoken.
    """
    from distributed import Client  # noqa: PLC0415 - an extra, and slow to load

    with harmless_pickles(), _quiet(), warnings.catch_warnings():
        # Versions are compared by what matters here; a lost connection is said once, by us.
        warnings.simplefilter("ignore")
        client = await _connected(Client, url, security)
        try:
            yield DaskChannel(client, url)
        finally:
            await _closed(client)


@contextmanager
def _quiet() -> Iterator[None]:
    """Within it Dask's own log is silent."""
    known = [logging.getLogger(name) for name in logging.root.manager.loggerDict]
    silenced = [log for log in known if log.name.startswith("distributed") and not log.disabled]
    for log in silenced:
        log.disabled = True
    try:
        yield
    finally:
        for log in silenced:
            log.disabled = False


async def _connected(client: type[Client], url: str, security: Security | None) -> Client:
    options: dict[str, Any] = {} if security is None else {"security": security}
    try:
        made = client(url, asynchronous=True, timeout=CONNECT_S, set_as_default=False, **options)
    except (OSError, ValueError, TypeError) as error:
        raise ClusterLostError(f"{url} can't be asked: {_text(error)}") from None
    try:
        async with asyncio.timeout(2 * CONNECT_S):
            await made
    except BaseException as error:
        await _closed(made)
        if not isinstance(error, OSError | TimeoutError | ValueError | TypeError | ImportError):
            raise
        why = _NO_KEYS if "ssl_context" in str(error) else _text(error)
        raise ClusterLostError(f"no scheduler answers at {url}: {why}") from None
    return made


async def _closed(client: Client) -> None:
    """Ends the connection; a scheduler that is gone is waited for no longer than that."""
    try:
        async with asyncio.timeout(5):
            await client.close(timeout=2)
    except (TimeoutError, OSError, CancelledError):
        return


def _text(error: BaseException) -> str:
    """What the error says, in one line; of one that came as a pickle the words in it."""
    found = error.args[0] if error.args else ""
    if isinstance(found, bytes):
        words = [word.decode("ascii") for word in _WORDS.findall(found)]
        return shorten(printable(" ".join(words)), 300)
    said = " ".join(str(error).split())
    return (
        f"{type(error).__name__}: {shorten(printable(said), 300)}" if said else type(error).__name__
    )
