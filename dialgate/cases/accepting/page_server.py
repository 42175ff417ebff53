"""The review page on loopback: one reviewer, one token, no other origin.

Every request must name this very host and the token; what changes anything must come from the page
itself. Leaves what is decided to the session, and what a page looks like to `reports`.
"""

from __future__ import annotations

import json
import secrets
import threading
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from dialgate.cases.accepting.page_calls import PageCalls
from dialgate.cases.accepting.refusing import OvertakenError, RefusedError
from dialgate.cases.judging.label_session import UnfitLabelError
from dialgate_evals.errors import DialgateError
from dialgate_evals.files.json_text import JsonTextError, parse_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate.cases.accepting.session import Session
    from dialgate.cases.judging.label_session import LabelSession

MOST_BODY = 4 * 2**20
"""Bytes of a request: a decision with a hundred calls fits."""
_WAIT_S = 60
"""A connection that says nothing for so long is closed."""
_NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
"""What an answer that is no page may load."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedPage:
    """A page and its Content-Security-Policy."""

    html: str
    policy: str


class PageServer(ThreadingHTTPServer):
    """Serves the session until it is finished or stopped."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(
        self,
        session: Session,
        pages: Mapping[str, ServedPage],
        port: int = 0,
        labels: LabelSession | None = None,
    ) -> None:
        """`pages` by their names behind the token, the first page without one; `port` 0: any that
        is free; `labels`: of the run's texts, where it has any. Raises OSError for a taken port.
        """
        super().__init__(("127.0.0.1", port), _Handler)
        self.token = secrets.token_urlsafe(24)
        self.pages = pages
        self.calls = PageCalls(session, labels)
        self.lock = threading.Lock()
        self.outcome: dict[str, Any] | None = None
        # what the end wrote

    @property
    def address(self) -> str:
        """The page's address, token and all."""
        return f"{self.origin}/{self.token}/"

    @property
    def origin(self) -> str:
        """What a browser calls the page's origin."""
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def hosts(self) -> frozenset[str]:
        """What a request may call this host; any other name is somebody else's."""
        return frozenset({f"127.0.0.1:{self.server_port}"})

    def end(self, outcome: dict[str, Any]) -> None:
        """Remembers what was written and stops serving, once this answer is out."""
        self.outcome = outcome
        threading.Thread(target=self.shutdown, daemon=True).start()


class _Handler(BaseHTTPRequestHandler):
    server: PageServer
    protocol_version = "HTTP/1.1"
    timeout = _WAIT_S
    server_version = "dialgate"
    sys_version = ""

    def do_GET(self) -> None:
        """The page, or what it asks for."""
        name = self._asked(changes=False)
        if name is None:
            return
        page = self.server.pages.get(name)
        if page is None:
            self._call(name, {})
        else:
            self._send(HTTPStatus.OK, page.html.encode(), "text/html; charset=utf-8", page.policy)

    def do_POST(self) -> None:
        """What the page's reader did."""
        name = self._asked(changes=True)
        if name is None:
            return
        document = self._body()
        if document is not None:
            self._call(name, document)

    def _asked(self, *, changes: bool) -> str | None:
        """What is asked for behind the token; None where the request is none of the page's."""
        status = self._why_foreign(changes=changes)
        _, _, rest = self.path.partition("/")
        token, _, name = rest.partition("/")
        given, own = token.encode("utf-8", "replace"), self.server.token.encode("ascii")
        if status is None and not secrets.compare_digest(given, own):
            status = HTTPStatus.NOT_FOUND
        if status is not None:
            self._refuse(status)
            return None
        return name

    def _why_foreign(self, *, changes: bool) -> HTTPStatus | None:
        """What is answered to a request of another host or origin; None where it is the page's."""
        headers = self.headers
        if [name for name in headers.get_all("Host", []) if name not in self.server.hosts] or (
            len(headers.get_all("Host", [])) != 1
        ):
            return HTTPStatus.MISDIRECTED_REQUEST
        origin = headers.get("Origin")
        if (changes or origin is not None) and origin != self.server.origin:
            return HTTPStatus.FORBIDDEN
        if headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
            return HTTPStatus.FORBIDDEN
        return None

    def _body(self) -> dict[str, Any] | None:
        """The request's JSON object; None, and answered, where it has none."""
        kind = (self.headers.get("Content-Type") or "").partition(";")[0].strip()
        length = self.headers.get("Content-Length") or ""
        if kind != "application/json" or not (length.isascii() and length.isdigit()):
            self._refuse(HTTPStatus.BAD_REQUEST)
            return None
        if len(length) > len(str(MOST_BODY)) or int(length) > MOST_BODY:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return None
        try:
            document = parse_json(self.rfile.read(int(length)))
        except JsonTextError:
            document = None
        if not isinstance(document, dict):
            self._refuse(HTTPStatus.BAD_REQUEST)
            return None
        return document

    def _call(self, name: str, document: dict[str, Any]) -> None:
        verb, _, rest = name.partition("/")
        try:
            with self.server.lock:
                answer = self.server.calls.answer(self.command, verb, rest, document)
        except (RefusedError, UnfitLabelError) as error:
            self._json(HTTPStatus.UNPROCESSABLE_ENTITY, {"why": str(error)})
            return
        except OvertakenError as error:
            self._json(HTTPStatus.CONFLICT, {"why": str(error)})
            return
        except DialgateError as error:
            self._json(HTTPStatus.INTERNAL_SERVER_ERROR, {"why": str(error)})
            return
        if answer is None:
            self._refuse(HTTPStatus.NOT_FOUND)
            return
        self._json(HTTPStatus.OK, answer)
        if verb == "finish":
            self.server.end(answer["done"])

    def _json(self, status: HTTPStatus, document: Any) -> None:  # noqa: ANN401 - JSON data
        # ASCII, so that lone surrogates of hostile texts pass as escapes.
        self._send(status, json.dumps(document).encode("ascii"), "application/json")

    def _refuse(self, status: HTTPStatus) -> None:
        self.close_connection = True
        self._send(status, b"", "text/plain")

    def _send(self, status: HTTPStatus, content: bytes, kind: str, policy: str = _NOTHING) -> None:
        self.send_response(status)
        for name, value in {
            "Content-Type": kind,
            "Content-Length": str(len(content)),
            "Content-Security-Policy": policy,
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
        }.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Nothing: the token is in every path, and nobody else is to read it."""
