"""Lines between the worker and the harness; leaves what they say to `trials`."""

import json
import os
import threading

from .plain_data import as_plain

# Made once: json.dumps makes an encoder for each message that asks for anything but its defaults.
_encode = json.JSONEncoder(allow_nan=False, separators=(",", ":"), default=as_plain).encode
_quoted = json.encoder.encode_basestring_ascii
decode = json.JSONDecoder().decode


def _open_pieces():
    """What gives the pieces of a message's text; None where this Python has no such writer.

    JSONEncoder makes one anew for each message, which costs as much as writing it. This one looks
    for no circle: what goes round and round is too deep for it.
    """
    try:
        pieces = json.encoder.c_make_encoder(
            None, as_plain, _quoted, None, ":", ",", False, False, False
        )
        return pieces if "".join(pieces({"a": [1, None, "b"]}, 0)) == '{"a":[1,null,"b"]}' else None
    except Exception:
        return None


_pieces = _open_pieces()


def _line(message):
    """The message as one line. Raises TypeError, ValueError, RecursionError as JSONEncoder does."""
    if _pieces is not None:
        try:
            return "".join(_pieces(message, 0))
        except (TypeError, ValueError, RecursionError):
            pass  # JSONEncoder says what is wrong with it, in its own words
    return _encode(message)


class Wire:
    """Lines to the harness; written whole, from any thread.

    What the loop's own thread sends in one turn goes out at once: a system call costs more.
    """

    def __init__(self, descriptor):
        self._descriptor = descriptor
        self._loop = None
        self._owner = None
        self._waiting = []
        self._lock = threading.Lock()

    def belong_to(self, loop):
        """From now on this thread, which runs the loop, gathers what it sends in a turn."""
        self._loop = loop
        self._owner = threading.get_ident()

    def send(self, message):
        """Writes one message from any thread; one that is no JSON fails its trial."""
        try:
            line = _line(message)
        except (TypeError, ValueError, RecursionError) as error:
            line = _encode({"failed": f"not JSON: {error}", "trial": message.get("trial")})
        self._send_line(line)

    def send_text(self, trial, reply):
        """Says that a trial ended with this text: most do, and no encoder has to be made for it."""
        self._send_line('{"done":%s,"trial":%d}' % (_quoted(reply), trial))

    def _send_line(self, line):
        with self._lock:
            self._waiting.append(line)
        if threading.get_ident() != self._owner:
            self.flush()
        elif len(self._waiting) == 1:
            self._loop.call_soon(self.flush)

    def flush(self):
        """Writes what is waiting."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
            raw = "".join([line + "\n" for line in waiting]).encode("ascii")
            while raw:
                raw = raw[os.write(self._descriptor, raw) :]


class Incoming:
    """Lines from the harness, read without a loop first and by one later."""

    def __init__(self, descriptor):
        self.descriptor = descriptor
        self._rest = b""

    def first(self):
        """The first message, waited for; None where the harness is gone."""
        while b"\n" not in self._rest:
            chunk = os.read(self.descriptor, 2**18)
            if not chunk:
                return None
            self._rest += chunk
        line, _, self._rest = self._rest.partition(b"\n")
        return decode(line.decode("utf-8"))

    def take(self, chunk):
        """The messages that are whole with this chunk."""
        whole, newline, rest = (self._rest + chunk).rpartition(b"\n")
        self._rest = rest
        # Read as one list: a decoder's call a line costs as much as the line.
        return decode("[%s]" % whole.decode("utf-8").replace("\n", ",")) if newline else []
