"""What a client asks a worker and what it answers: bytes of known shapes, nothing else.

Knows the shapes, and that anything else is refused; leaves what a case or a release is as data to
`cluster.plain_data`. Neither end ever unpickles what the other end says.
"""

from __future__ import annotations

from typing import TypeAlias

from msgspec import DecodeError, Struct, ValidationError, msgpack


class Said(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag=True):
    """Anything that goes over the wire."""


class Facts(Said, frozen=True, kw_only=True):
    """What a machine says of itself before it gets a trial."""

    dialgate: str
    # version
    code: str
    # digest of the installed code that runs and answers trials
    python: str
    # 3.12: the harness's own
    dask: str
    # version of distributed
    means: str
    # what builds the walls around agents there
    stands: list[str]
    # walls that the machine lets stand
    why: str
    # what keeps the others from standing; empty where all of them do
    secrets: list[str]
    # variables that were asked for and are set there: names, never values


class TreeFile(Struct, frozen=True, array_like=True):
    """One file of a release's tree."""

    path: str
    # relative to the tree's root
    digest: str
    executable: bool


class Job(Said, frozen=True, kw_only=True):
    """All that trials of one release have in common: what a worker needs to run any of them."""

    run: str
    # drawn once a run: two runs of one release share neither agents nor tasks
    files: list[TreeFile]
    links: list[tuple[str, str]]
    # path and target
    folders: list[str]
    installed: list[str]
    # folders such as node_modules, which aren't sent: a worker takes them from its own checkout
    suite_folder: str
    # relative to the root
    home: str
    # the suite's folder in the checkout of whoever asks: on the worker it may be there or not
    release: bytes
    actions: bytes
    # JSON: see `cluster.plain_data`


class TrialData(Struct, frozen=True, array_like=True):
    """One trial: the case as its agent and its simulated tools meet it."""

    case: bytes
    # JSON, without what is expected
    trial: int


class Hello(Said, frozen=True, kw_only=True):
    """The client asks a worker for its facts, and which of these variables are set there."""

    secrets: list[str] = []


class Open(Said, frozen=True, kw_only=True):
    """Make the job's agent ready."""

    job: Job


class Send(Said, frozen=True, kw_only=True):
    """Files that were wanted."""

    contents: list[bytes]


class Run(Said, frozen=True, kw_only=True):
    """Run these trials of an open job."""

    job: str
    trials: list[TrialData]
    known: str = ""
    # digest of the list of loaded files that the client holds already


class Close(Said, frozen=True, kw_only=True):
    """The job is done: its agent is ended and its place goes."""

    job: str


class Opened(Said, frozen=True, kw_only=True):
    """The agent is up."""

    lanes: int
    # trials that run there at once
    installed: list[str]
    # Python distributions beside the agent, as name-version; empty where there are none to see


class Wanted(Said, frozen=True, kw_only=True):
    """Files that the worker lacks."""

    digests: list[str]


class Ran(Said, frozen=True, kw_only=True):
    """Trials that ended, in the order in which they were asked for."""

    trials: list[bytes]
    # trajectories as JSON
    worker: str
    loaded: bytes | None
    # JSON of what the agent loaded so far; None: nobody can say, or the client knows
    loaded_digest: str
    # empty: nobody can say
    workers_died: int
    # processes of the agent that ended under a trial so far, over the station's life


class NotOpen(Said, frozen=True, kw_only=True):
    """The worker that got the trials has no such job open; nothing was run."""

    worker: str


class Done(Said, frozen=True, kw_only=True):
    """It is done, with nothing to say."""


class Failed(Said, frozen=True, kw_only=True):
    """It can't be done."""

    why: str


Question: TypeAlias = Hello | Open | Send | Run | Close
Answer: TypeAlias = Facts | Opened | Wanted | Ran | NotOpen | Done | Failed

_encoder = msgpack.Encoder()
_questions = msgpack.Decoder(Question)
_answers = msgpack.Decoder(Answer)


class ForeignBytesError(Exception):
    """Bytes that are no message; the text says why."""


def encode(said: Said) -> bytes:
    """The message as bytes."""
    return _encoder.encode(said)


def read_question(raw: bytes) -> Question:
    """The question. Raises ForeignBytesError."""
    try:
        question: Question = _questions.decode(raw)
    except (DecodeError, ValidationError, RecursionError) as error:
        raise ForeignBytesError(f"a question that this version doesn't know: {error}") from None
    return question


def read_answer(raw: object) -> Answer:
    """The answer. Raises ForeignBytesError for whatever else a worker may send."""
    if not isinstance(raw, bytes):
        raise ForeignBytesError(f"a {type(raw).__name__}, which is no bytes")
    try:
        answer: Answer = _answers.decode(raw)
    except (DecodeError, ValidationError, RecursionError) as error:
        raise ForeignBytesError(f"an answer that this version doesn't know: {error}") from None
    return answer
