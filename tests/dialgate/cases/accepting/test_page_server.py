"""The page is its reviewer's alone: other hosts, origins and guesses get and change nothing."""

from __future__ import annotations

import http.client
import json
import socket
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from dialgate.cases.accepting.page_server import MOST_BODY, PageServer, ServedPage
from dialgate_reports.page.review_page import render_review_page, review_policy
from tests.dialgate.cases.accepting.reviews import a_session, a_suite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def serving(server: PageServer) -> Iterator[PageServer]:
    """The server at work, until the end of the block."""
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


FRAME = ServedPage(html=render_review_page(), policy=review_policy())


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PageServer]:
    session = a_session(a_suite(tmp_path))
    with serving(PageServer(session, {"": FRAME})) as found:
        yield found


def ask(
    server: PageServer, method: str, path: str, body: Any = None, **headers: str | None
) -> tuple[int, Any, dict[str, str]]:
    """Status, body as JSON or text, and headers; a header of None is left out."""
    given: dict[str, str | None] = {"Host": f"127.0.0.1:{server.server_port}"}
    data = None
    if method == "POST":
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        given |= {"Origin": server.origin, "Content-Type": "application/json"}
        given["Content-Length"] = str(len(data))
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=30)
    try:
        connection.putrequest(method, path, skip_host=True)
        for name, value in given.items():
            if value is not None:
                connection.putheader(name, value)
        connection.endheaders(data)
        answer = connection.getresponse()
        content = answer.read()
        is_json = answer.getheader("Content-Type") == "application/json"
        found = json.loads(content) if is_json else content.decode()
        return answer.status, found, {k.lower(): v for k, v in answer.getheaders()}
    finally:
        connection.close()


def path(server: PageServer, name: str = "") -> str:
    return f"/{server.token}/{name}"


def a_right(server: PageServer) -> dict[str, Any]:
    _, item, _ = ask(server, "GET", path(server, "item/0"))
    return {"item": item["id"], "word": "right", "seen": 0}


def test_the_page_names_nothing_of_the_run_and_forbids_everything_else(server: PageServer) -> None:
    status, page, headers = ask(server, "GET", path(server))
    assert status == 200
    assert "refund" not in page
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"


def test_a_decision_is_kept_and_shown(server: PageServer) -> None:
    status, answer, _ = ask(server, "POST", path(server, "decide"), a_right(server))
    assert (status, answer["state"]["marks"]) == (200, "a..")
    status, answer, _ = ask(server, "POST", path(server, "decide"), a_right(server))
    assert status == 409, "another tab was faster"
    status, answer, _ = ask(server, "POST", path(server, "undo"), {"seen": 1})
    assert (status, answer["n"], answer["state"]["marks"]) == (200, 0, "...")


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "localhost.evil.example:80"},
        {"Host": "127.0.0.1"},
        {"Host": None},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": None},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Content_Type": "text/plain"},
        {"Content_Type": None},
        {"Content_Length": "-1"},
        {"Content_Length": "1e3"},
        {"Content_Length": str(MOST_BODY + 1)},
        {"Content_Length": "9" * 400},
        {"Content_Length": None},
    ],
    ids=str,
)
def test_what_does_not_come_from_the_page_changes_nothing(
    server: PageServer, headers: dict[str, str | None]
) -> None:
    body = a_right(server)
    status, answer, _ = ask(server, "POST", path(server, "decide"), body, **headers)
    assert 400 <= status < 500
    assert answer == ""
    assert ask(server, "GET", path(server, "state"))[1]["marks"] == "..."


@pytest.mark.parametrize(
    "headers", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}], ids=str
)
def test_another_host_or_origin_reads_nothing(
    server: PageServer, headers: dict[str, str | None]
) -> None:
    for name in ("", "state", "item/0"):
        status, answer, _ = ask(server, "GET", path(server, name), **headers)
        assert status in {403, 421}
        assert answer == ""


@pytest.mark.parametrize(
    "name",
    ["/", "/state", "//state", "/wrong/state", "/favicon.ico", "/%2e%2e/etc/passwd", "/%c3%a9/"],
)
def test_without_the_token_there_is_nothing(server: PageServer, name: str) -> None:
    status, answer, _ = ask(server, "GET", name)
    assert (status, answer) == (404, "")


@pytest.mark.parametrize(
    "name",
    ["nothing", "item/", "item/3", "item/-1", "item/x", "item/" + "9" * 99, "decide", "../state"],
)
def test_what_the_page_does_not_have_is_not_found(server: PageServer, name: str) -> None:
    assert ask(server, "GET", path(server, name))[0] == 404


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b"\xff", b'{"item": NaN}', b"[" * 5_000],
    ids=["empty", "a list", "cut", "no text", "no JSON", "deep"],
)
def test_a_body_that_is_no_object_is_refused(server: PageServer, body: bytes) -> None:
    assert ask(server, "POST", path(server, "decide"), body)[0] == 400


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"item": 3, "word": "right", "seen": 0},
        {"item": "none", "word": "right", "seen": 0},
        {"word": "fine", "seen": 0},
        {"word": "should_be", "seen": 0},
        {"word": "should_be", "seen": 0, "calls": [{"name": "refund", "fields": 3}]},
        {"word": "should_be", "seen": 0, "calls": [{"name": "none", "fields": []}]},
        {"word": "forbid", "seen": 0, "forbid": 9},
        {"word": "right", "seen": "0"},
        {"take": {"reviewer": "Bob", "seq": 1}, "seen": 0},
    ],
    ids=str,
)
def test_what_is_no_decision_is_refused_with_words(
    server: PageServer, body: dict[str, Any]
) -> None:
    whole = {"item": a_right(server)["item"], **body} if body else body
    status, answer, _ = ask(server, "POST", path(server, "decide"), whole)
    assert status == 422
    assert answer["why"].endswith(".")


def test_a_form_comes_back_as_the_call_that_should_happen(server: PageServer) -> None:
    _, item, _ = ask(server, "GET", path(server, "item/2"))
    (action,) = item["actions"]
    for field in action["fields"]:
        if field["name"] == "amount":
            field["value"] = "10"
    calls = [{"name": action["name"], "fields": action["fields"]}]
    body = {"item": item["id"], "seen": 0, "word": "should_be", "calls": calls}
    assert ask(server, "POST", path(server, "decide"), body)[0] == 200
    _, after, _ = ask(server, "GET", path(server, "item/2"))
    assert 'should follow: refund({"amount": 10, "id": "refund-002"})' in after["mine"]["lines"]


def test_the_end_writes_and_stops(tmp_path: Path) -> None:
    server = PageServer(a_session(a_suite(tmp_path)), {})
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    ask(server, "POST", path(server, "decide"), a_right(server))
    status, answer, _ = ask(server, "POST", path(server, "finish"), {})
    thread.join(timeout=30)
    server.server_close()
    assert not thread.is_alive()
    assert status == 200
    assert answer["done"] == server.outcome
    assert answer["done"]["decided"] == 1


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="in use"):
            PageServer(a_session(a_suite(tmp_path)), {}, taken.getsockname()[1])
