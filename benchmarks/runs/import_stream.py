"""What a large import costs: `python benchmarks/runs/import_stream.py [--mb 100] [FORMAT...]`.

Each format that can be read in pieces gets a file of each size, made of conversations that a tool
would write; `cases import` reads it in a process of its own. Shown: seconds of a processor, and the
most memory that the process held at any time, which must not grow with the file.
Target: under 400 MiB.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

PROJECT = Path(__file__).resolve().parents[2]
FOLDERS = [str(PROJECT / folder) for folder in (".", "evals", "gate", "reports")]

if TYPE_CHECKING:
    import resource
    from collections.abc import Callable, Iterator

TARGET_MIB = 400
WORDS = (
    "the parcel came late, the box was open and the lamp in it broken, so please act on it; " * 4
)
IMPORT = (
    "import sys; sys.path[:0] = {folders!r}\n"
    "from dialgate.cli import main\n"
    "main(['cases', 'import', sys.argv[1], '--out', sys.argv[2], '--json', sys.argv[3]])\n"
)


def call(number: int) -> dict[str, Any]:
    """A call that pays an order back."""
    arguments = json.dumps({"order_id": f"O-{number}", "amount": 30})
    return {"id": f"call_{number}", "type": "function",
            "function": {"name": "refund", "arguments": arguments}}  # fmt: skip


def messages(number: int) -> list[dict[str, Any]]:
    """A conversation of some sixteen kilobytes, most of it what a tool answered."""
    return [
        {"role": "user", "content": f"Refund O-{number}: {WORDS}"},
        {"role": "assistant", "content": None, "tool_calls": [call(number)]},
        {
            "role": "tool",
            "tool_call_id": f"call_{number}",
            "content": json.dumps({"said": WORDS * 40}),
        },
        {"role": "assistant", "content": f"It is paid back: {WORDS}"},
    ]


def sample(number: int) -> dict[str, Any]:
    """Inspect's sample."""
    said = [dict(message) for message in messages(number)]
    said[1]["tool_calls"] = [{"id": f"call_{number}", "function": "refund",
                              "arguments": {"order_id": f"O-{number}", "amount": 30}}]  # fmt: skip
    return {"id": number, "epoch": 1, "input": "x", "messages": said, "scores": {}}


def span(number: int) -> dict[str, Any]:
    """OTLP's span."""
    attributes = {"gen_ai.input.messages": json.dumps(messages(number)[:3]),
                  "gen_ai.output.messages": json.dumps(messages(number)[3:])}  # fmt: skip
    listed = [{"key": k, "value": {"stringValue": v}} for k, v in attributes.items()]
    return {"traceId": f"{number:032x}", "spanId": f"{number:016x}", "name": "chat",
            "attributes": listed}  # fmt: skip


def resource_of(number: int) -> dict[str, Any]:
    """A span with what is around it."""
    return {"resource": {}, "scopeSpans": [{"scope": {}, "spans": [span(number)]}]}


def run(number: int) -> dict[str, Any]:
    """LangSmith's run."""
    return {"id": f"r{number}", "trace_id": f"t{number}", "run_type": "llm",
            "inputs": {"messages": messages(number)[:3]},
            "outputs": {"messages": messages(number)[3:]}}  # fmt: skip


def observation(number: int) -> dict[str, Any]:
    """Langfuse's generation."""
    return {"id": f"o{number}", "traceId": f"t{number}", "type": "GENERATION",
            "input": messages(number)[:3], "output": messages(number)[3]}  # fmt: skip


def trace(number: int) -> dict[str, Any]:
    """MLflow's trace."""
    inputs = json.dumps({"messages": messages(number)[:3]})
    outputs = json.dumps({"choices": [{"message": messages(number)[3]}]})
    values = {"mlflow.spanInputs": inputs, "mlflow.spanOutputs": outputs}
    return {"info": {"trace_id": f"tr-{number}"}, "data": {"spans": [{"attributes": values}]}}


def simulation(number: int) -> dict[str, Any]:
    """tau2-bench's simulation."""
    return {"id": str(number), "task_id": str(number), "reward_info": {"reward": 1.0},
            "messages": messages(number)}  # fmt: skip


def trajectory(number: int) -> dict[str, Any]:
    """Harbor's trajectory."""
    asked, _, answered, said = (message["content"] for message in messages(number))
    made = {"tool_call_id": "c", "function_name": "refund", "arguments": {"order_id": number}}
    return {"schema_version": "ATIF-v1.7", "session_id": f"s{number}", "steps": [
        {"source": "user", "message": asked},
        {"source": "agent", "message": said, "tool_calls": [made],
         "observation": {"results": [{"source_call_id": "c", "content": answered}]}}]}  # fmt: skip


def golden(number: int) -> dict[str, Any]:
    """DeepEval's golden."""
    expected = [{"name": "refund", "inputParameters": {"order_id": f"O-{number}"}}]
    return {"input": f"Refund O-{number}: {WORDS}", "expected_tools": expected}


def pieces(make: Callable[[int], Any], size: int) -> Iterator[bytes]:
    """Documents as JSON until they are as long as wanted."""
    written = number = 0
    while written < size:
        raw = json.dumps(make(number)).encode()
        yield raw
        written += len(raw) + 1
        number += 1


def write_lines(path: Path, make: Callable[[int], Any], size: int) -> None:
    """A document a line."""
    with path.open("wb") as file:
        file.writelines(raw + b"\n" for raw in pieces(make, size))


def write_list(path: Path, make: Callable[[int], Any], size: int, head: str = "[") -> None:
    """One list, or one object with a long list in it."""
    with path.open("wb") as file:
        file.write(head.encode())
        for number, raw in enumerate(pieces(make, size)):
            file.write((b",\n" if number else b"\n") + raw)
        file.write(b"]" if head == "[" else b"]}")


def write_protobuf(path: Path, _: object, size: int) -> None:
    """Requests with four bytes before each, as the collector's file exporter writes them."""
    from google.protobuf.json_format import ParseDict  # noqa: PLC0415 - for one format
    from opentelemetry.proto.trace.v1.trace_pb2 import TracesData  # noqa: PLC0415 - an extra

    written = number = 0
    with path.open("wb") as file:
        while written < size:
            spans = {**span(number), "traceId": _base64(number, 16), "spanId": _base64(number, 8)}
            scopes = [{"scope": {}, "spans": [spans]}]
            made = ParseDict({"resourceSpans": [{"scopeSpans": scopes}]}, TracesData())
            raw = made.SerializeToString()
            file.write(len(raw).to_bytes(4, "big") + raw)
            written += len(raw) + 4
            number += 1


def _base64(number: int, size: int) -> str:
    return base64.b64encode(number.to_bytes(size, "big")).decode()


def write_eval(path: Path, make: Callable[[int], Any], size: int) -> None:
    """An archive with an entry a sample."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number, raw in enumerate(pieces(make, size)):
            archive.writestr(f"samples/{number}_epoch_1.json", raw)


def write_gzip(path: Path, make: Callable[[int], Any], size: int) -> None:
    """Packed lines."""
    with gzip.open(path, "wb", compresslevel=1) as file:
        for raw in pieces(make, size):
            file.write(raw + b"\n")


def write_object(head: str) -> Callable[[Path, Callable[[int], Any], int], None]:
    """An object that begins so and has a long list in it."""

    def write(path: Path, make: Callable[[int], Any], size: int) -> None:
        write_list(path, make, size, head)

    return write


FORMATS: dict[str, tuple[str, Any, Any]] = {
    "openai-chat": ("log.jsonl", write_lines, lambda n: {"messages": messages(n)}),
    "openai-chat list": ("log.json", write_list, lambda n: {"messages": messages(n)}),
    "openai-chat gzip": ("log.jsonl.gz", write_gzip, lambda n: {"messages": messages(n)}),
    "otlp lines": ("o.jsonl", write_lines, lambda n: {"resourceSpans": [resource_of(n)]}),
    "otlp object": ("o.json", write_object('{"resourceSpans": ['), resource_of),
    "otlp protobuf": ("o.binpb", write_protobuf, None),
    "langfuse": ("l.json", write_object('{"data": ['), observation),
    "langsmith": ("runs.jsonl", write_lines, run),
    "mlflow": ("m.jsonl", write_lines, trace),
    "inspect eval": ("log.eval", write_eval, sample),
    "inspect json": ("i.json", write_object('{"eval": {}, "plan": {}, "samples": ['), sample),
    "tau2": ("t.json", write_object('{"info": {}, "simulations": ['), simulation),
    "atif": ("a.jsonl", write_lines, trajectory),
    "deepeval": ("g.json", write_list, golden),
}


def measure(source: Path, out: Path) -> tuple[float, float, int]:
    """Seconds of a processor, the most memory in MiB, and the cases that were made."""
    command = [sys.executable, "-c", IMPORT.format(folders=FOLDERS), str(source), str(out / "made"),
               str(out / "done.json")]  # fmt: skip
    done = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os_wait(done.pid)
    seconds = usage.ru_utime + usage.ru_stime
    if status:
        raise SystemExit(f"the import of {source.name} ended with {status}")
    cases = json.loads((out / "done.json").read_text("utf-8"))["cases"]
    return seconds, usage.ru_maxrss / 1024, cases


def os_wait(pid: int) -> tuple[int, int, resource.struct_rusage]:
    """Waits for a process and says what it used."""
    return os.wait4(pid, 0)


def main() -> None:
    """Makes, imports and measures, a line for each format and size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mb", type=int, action="append", help="default: 100 and 1000")
    parser.add_argument("formats", nargs="*", metavar="FORMAT", help=", ".join(FORMATS))
    asked = parser.parse_args()
    print(f"{'format':18} {'MB':>6} {'cases':>8} {'seconds':>8} {'MiB':>6}")
    worst = 0.0
    for name in asked.formats or FORMATS:
        file, write, make = FORMATS[name]
        for size in asked.mb or [100, 1000]:
            with tempfile.TemporaryDirectory() as folder:
                source = Path(folder) / file
                write(source, make, size * 10**6)
                seconds, memory, cases = measure(source, Path(folder))
            worst = max(worst, memory)
            print(f"{name:18} {size:6} {cases:8} {seconds:8.1f} {memory:6.0f}", flush=True)
    print(f"at most {worst:.0f} MiB; target: under {TARGET_MIB}")
    sys.exit(worst >= TARGET_MIB)


if __name__ == "__main__":
    main()
