"""A stand-in for a person at the page of labels: thirty replies read, thirty wrong ones written.

    python3 person.py SUITE

Starts `dialgate accept SUITE`, asks its page for one text after the other as a browser would, and
says what somebody who knows the shop would say. With a browser this is `y`, `n` and `p`.
"""

import json
import re
import signal
import subprocess
import sys
from http.client import HTTPConnection

WRONG = (
    "Order {order} is refunded. You get your money back as soon as we can.",
    "Order {order} is refunded. It may take some weeks.",
    "Order {order} is refunded. Have a nice day.",
)


def ask(address: str, path: str, document: object = None) -> dict:
    """What the page's server answers."""
    host, _, token = address.removeprefix("http://").partition("/")
    connection = HTTPConnection(host)
    if document is None:
        connection.request("GET", f"/{token}{path}")
    else:
        headers = {"Content-Type": "application/json", "Origin": f"http://{host}"}
        connection.request("POST", f"/{token}{path}", json.dumps(document), headers)
    answer = connection.getresponse()
    if answer.status != 200:
        sys.exit(f"the page answered {answer.status}: {answer.read().decode()}")
    return json.load(answer)


def main() -> None:
    """Sixty labels."""
    command = ["dialgate", "accept", sys.argv[1], "--reviewer", "Ada"]
    page = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    address = next(found.group(1) for line in page.stdout
                   if (found := re.match(r"Texts to label .*: (http\S+/)texts", line)))  # fmt: skip
    for n in range(30):
        text = ask(address, f"text/{n}")
        says = "yes" if "five days" in text["text"].lower() else "no"
        ask(address, "label", {"n": n, "answer": says})
        order = re.search(r"A-\d+", text["text"]).group()
        wrong = WRONG[n % len(WRONG)].format(order=order)
        ask(address, "plant", {"n": n, "answer": "no", "text": wrong})
    print("60 labels by Ada, in her own file of the suite's folder.")
    page.send_signal(signal.SIGINT)
    page.wait()


main()
