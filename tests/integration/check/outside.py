"""What an agent of a test may reach outside its walls: a line over this machine's loopback.

An agent behind walls leaves no file behind and has no variable that its suite doesn't name, so a
test can't count its trials by either. `network = "open"`, the default, lets it ask here.
"""

from __future__ import annotations

import socketserver
import threading
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ASK = """
import socket

def ask(text):
    with socket.create_connection(("127.0.0.1", {port})) as line:
        line.sendall(text.encode() + b"\\n")
        return line.makefile().readline().rstrip("\\n")
"""


@contextmanager
def answering(answer: Callable[[str], str]) -> Iterator[str]:
    """The Python of `ask(text)`, to stand in an agent: it returns what `answer` says to that."""
    lock = threading.Lock()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            asked = self.rfile.readline().decode().rstrip("\n")
            with lock:
                said = answer(asked)
            self.wfile.write(said.encode() + b"\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield _ASK.format(port=server.server_address[1])
        finally:
            server.shutdown()
            thread.join()


class Tally:
    """Counts agents' lines. In the agent, `ask(text)` says how often that was asked before."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    @contextmanager
    def open(self) -> Iterator[str]:
        """The Python of `ask`."""
        with answering(self._count) as ask:
            yield ask

    def _count(self, text: str) -> str:
        self.counts[text] += 1
        return str(self.counts[text] - 1)
