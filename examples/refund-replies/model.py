"""A stand-in for a model that judges, on loopback: it looks for a day and answers as it was asked.

    python3 model.py PORT [yes]      # with `yes` it says yes to everything

Speaks the OpenAI chat format with nothing but the standard library.
"""

import json
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SAYS_YES = "yes" in sys.argv[2:]


class Model(BaseHTTPRequestHandler):
    """Answers each question with one JSON object that repeats its mark."""

    def do_POST(self) -> None:
        """One completion."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        question = asked["messages"][-1]["content"]
        mark = re.search(r'The mark is "([0-9a-f]+)"', question).group(1)
        text = "\n".join(re.findall(r"^\| (.*)$", question, re.MULTILINE))
        holds = SAYS_YES or re.search(r"\bfive days\b", text, re.IGNORECASE)
        reason = "it names the days" if holds else "it names no day"
        answer = {"mark": mark, "reason": reason, "answer": "yes" if holds else "no"}
        content = json.dumps(answer)
        document = {
            "model": asked["model"],
            "choices": [{"message": {"role": "assistant", "content": content},
                         "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
        }  # fmt: skip
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Nothing."""


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Model).serve_forever()
