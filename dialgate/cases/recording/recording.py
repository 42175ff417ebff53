"""`dialgate record`: what a person asked for, wired together; and what is said of it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate.cases.next_steps import next_lines
from dialgate.cases.recording.growth import grow_suite
from dialgate.cases.recording.mcp_stdio import pass_between, replay_stdio, server_name
from dialgate.cases.recording.places import find_place
from dialgate.cases.recording.recorder import Recorder
from dialgate.cases.recording.upstreams import find_upstreams
from dialgate.terminal.written import wrote_lines
from dialgate_evals.errors import UsageError
from dialgate_evals.files.problems import join_words, show_path

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from dialgate.cases.recording.places import RecordingPlace
    from dialgate.cases.recording.upstreams import Upstreams

_MOST_SAID = 30


@dataclass(frozen=True, kw_only=True)
class RecordRequest:
    """What a person asked for."""

    folder: Path
    openai: str | None
    anthropic: str | None
    mcp: tuple[str, ...]
    port: int
    journal: Path | None
    name: str | None
    # of the MCP server that `command` starts
    command: tuple[str, ...]
    is_agent: bool
    # the command is the agent; else an MCP server
    replay: bool


def record(request: RecordRequest, tell: Callable[[str], None]) -> int:
    """Records, or serves recordings, until it is ended. Raises UsageError and what files raise."""
    place = find_place(request.folder, request.journal, may_write=not request.replay)
    if request.command and not request.is_agent:
        return _over_stdio(request, place, tell)
    _require_aiohttp()
    return _replay(request, place, tell) if request.replay else _record(request, place, tell)


def _require_aiohttp() -> None:
    try:
        import aiohttp  # noqa: F401, PLC0415 - an extra
    except ImportError:
        raise UsageError(
            'record needs the extra "record": pip install "dialgate[record]".'
        ) from None


def _over_stdio(request: RecordRequest, place: RecordingPlace, tell: Callable[[str], None]) -> int:
    if request.mcp:
        raise UsageError("--mcp and a command after -- don't go together: start record twice.")
    name = request.name or server_name(request.command, place.pseudonyms.key)
    if request.replay:
        _require_aiohttp()
        from dialgate.cases.recording.replaying import Replayed  # noqa: PLC0415 - needs the extra

        replay_stdio(Replayed(place), name, tell)
        return 0
    recorder = Recorder(place, tell)
    recorder.prepare()
    try:
        return pass_between(request.command, name, recorder)
    finally:
        recorder.close()
        if recorder.kept:
            shown = show_path(place.folder)
            tell(f"Recorded {recorder.kept}; then: dialgate record {shown} --finish")


def _record(request: RecordRequest, place: RecordingPlace, tell: Callable[[str], None]) -> int:
    from dialgate.cases.recording.proxy import Proxy  # noqa: PLC0415 - needs the extra
    from dialgate.cases.recording.serving import listen, serve_until_ended  # noqa: PLC0415 - needs the extra

    upstreams = find_upstreams(
        openai=request.openai, anthropic=request.anthropic, mcp=request.mcp,
        environment=os.environ, port=request.port,
    )  # fmt: skip
    recorder = Recorder(place, tell)
    recorder.prepare()
    listening = listen(request.port)
    port = listening.getsockname()[1]
    code = serve_until_ended(
        Proxy(upstreams, recorder), listening, agent=request.command,
        ready=lambda: tell(addresses(upstreams, port, place, request.command)),
    )  # fmt: skip
    recorder.close()
    if code:
        tell(f"The agent ended with exit code {code}.")
    tell(f"Recorded {_count(recorder.kept, 'answer')}.")
    if recorder.unkept:
        tell(f"{_count(recorder.unkept, 'answer')} passed and could not be kept.")
    return 4 if recorder.unkept and not recorder.kept else 0


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def addresses(
    upstreams: Upstreams, port: int, place: RecordingPlace, agent: Sequence[str] = ()
) -> str:
    """What to set, or what is set for the agent, once the proxy listens."""
    here = f"http://127.0.0.1:{port}"
    then = f"{agent[0]} is started with these:" if agent else "Start the agent with one of these:"
    lines = [
        f"Recording for {show_path(place.folder)}. {then}",
        f"  OPENAI_BASE_URL={here}{upstreams.openai.path}   -> {upstreams.openai.url}",
        f"  ANTHROPIC_BASE_URL={here}{upstreams.anthropic.path}   -> {upstreams.anthropic.url}",
    ]
    lines += [f"  {here}/mcp/{name}   -> {one.url}" for name, one in upstreams.mcp.items()]
    lines += [place.note] if place.note else []
    end = "Its end" if agent else "Ctrl-C ends it and"
    return "\n".join([*lines, f"{end} writes the cases."])


def _replay(request: RecordRequest, place: RecordingPlace, tell: Callable[[str], None]) -> int:
    from dialgate.cases.recording.replaying import Replayed  # noqa: PLC0415 - needs the extra
    from dialgate.cases.recording.serving import listen, serve_until_ended  # noqa: PLC0415 - needs the extra

    replayed = Replayed(place)
    if not len(replayed.replies) + len(replayed.tools):
        raise UsageError(f"{show_path(place.journal)}: nothing is recorded there.")
    listening = listen(request.port)
    here = f"http://127.0.0.1:{listening.getsockname()[1]}"
    said = (
        f"Replaying {_count(len(replayed.replies), 'answer')} of models and "
        f"{_count(len(replayed.tools), 'answer')} of MCP servers; nobody is asked.\n"
        f"  OPENAI_BASE_URL={here}/v1\n  ANTHROPIC_BASE_URL={here}\n  {here}/mcp/NAME\n"
        "Ctrl-C ends it."
    )
    code = serve_until_ended(replayed, listening, agent=request.command, ready=lambda: tell(said))
    if replayed.unmatched:
        tell(f"{_count(replayed.unmatched, 'request')} matched no recording.")
    return code or 0


def finish(folder: Path, journal: Path | None) -> dict[str, Any]:
    """Writes the suite from the journal; gives the document of what was done."""
    return grow_suite(find_place(folder, journal))


def render_growth(document: dict[str, Any]) -> str:
    """What became of the recording, and what to do next."""
    suite = document["suite"]
    requests = _count(document["requests"], "request")
    found = [
        _count(document["conversations"], "conversation"),
        f"{_count(document['cases'], 'case')}, {document['added']} of them new",
        _count(document["tools"], "tool"),
    ]
    lines = [
        f"{requests} to models, {document['tool_requests']} to MCP servers: {'; '.join(found)}."
    ]
    if document["inferred"]:
        lines.append(f"Schemas inferred from calls: {join_words(document['inferred'][:20])}.")
    left = document["left"]
    if left:
        lines.append(f"Without a case ({len(left)}):")
        lines += [f"  {i['place']}: {i['what']}: {i['why']}" for i in left[:_MOST_SAID]]
        if len(left) > _MOST_SAID:
            lines.append(f"  and {len(left) - _MOST_SAID} more; --json F lists all")
    lines += wrote_lines(document["files"], suite)
    if not document["files"]:
        lines.append("Nothing had to be written.")
    if document["is_new"]:
        lines += next_lines(document, suite)
    return "\n".join(lines)
