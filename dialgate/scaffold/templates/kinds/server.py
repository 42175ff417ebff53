"""The agent behind HTTP, on this machine only: start it, then run dialgate.

A POST brings messages and the address of the trial's tools; the answer is the reply.
"""

import asyncio
import json
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from my_agent import respond


class Tools:
    """The tools of one trial."""

    def __init__(self, url) -> None:
        self.url = url

    async def call(self, name, arguments):
        """The tool's answer; raises what it says went wrong."""
        address = urlsplit(self.url)
        connection = HTTPConnection(address.netloc)
        body = json.dumps({"name": name, "arguments": arguments})
        connection.request("POST", address.path, body, {"Content-Type": "application/json"})
        found = json.loads(connection.getresponse().read())
        connection.close()
        if "error" in found:
            raise RuntimeError(found["error"])
        return found["content"]


class Agent(BaseHTTPRequestHandler):
    """One trial a request."""

    def do_POST(self) -> None:
        given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        work = respond(given["messages"], Tools(given["tools_url"]), given["release"])
        content = json.dumps({"reply": asyncio.run(work)}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args) -> None:
        """Nothing on standard error."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", 8000), Agent).serve_forever()
