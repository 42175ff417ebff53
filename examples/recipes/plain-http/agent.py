"""An agent behind plain HTTP, which asks its model by plain HTTP: the standard library alone."""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.request import Request, urlopen

URL = os.environ["OPENAI_BASE_URL"] + "/chat/completions"
KEY = {"Authorization": f"Bearer {os.environ['OPENAI_API_KEY']}"}


def post(url, document, **more):
    asked = Request(
        url, json.dumps(document).encode(), {"Content-Type": "application/json", **more}
    )
    with urlopen(asked) as found:
        return json.loads(found.read())


def respond(given):
    prompt = {"role": "system", "content": "\n".join(given["release"]["prompts"].values())}
    asked = {"model": "gpt-5-mini", "messages": [prompt, *given["messages"]]}
    asked["tools"] = [{"type": "function", "function": schema} for schema in given["tools"]]
    while (said := post(URL, asked, **KEY)["choices"][0]["message"]).get("tool_calls"):
        asked["messages"].append(said)
        for call in said["tool_calls"]:
            made = {**call["function"], "arguments": json.loads(call["function"]["arguments"])}
            answer = {"content": json.dumps(post(given["tools_url"], made))}
            asked["messages"].append({"role": "tool", "tool_call_id": call["id"], **answer})
    return {"reply": said["content"]}


class Agent(BaseHTTPRequestHandler):
    def do_POST(self):
        given = self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps(respond(json.loads(given))).encode()
        self.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n" + body)


ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8000"))), Agent).serve_forever()
