"""What `init` is to make: name, kind and target, by options, answers or what was found.

At most three questions; none without a terminal or with --yes. Leaves writing to `scaffold`.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate.scaffold.surroundings import PLAIN_NAME
from dialgate_evals.errors import UsageError
from dialgate_evals.suite.suite import AgentKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from dialgate.scaffold.surroundings import Surroundings

    Ask = Callable[[str, str], str]
    # the question and what Enter means, to the answer

TARGETS = {
    AgentKind.PYTHON: ("Your agent's function, module:function", "agent.my_agent:respond"),
    AgentKind.COMMAND: ("The command that starts it", "python3 agent/stdio.py"),
    AgentKind.HTTP: ("Its address", "http://127.0.0.1:8000/act"),
    AgentKind.CHAT: ("Its endpoint", "https://api.openai.com/v1"),
}
"""What is asked for beside a kind, and the scaffold's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceChoices:
    """What is to be scaffolded."""

    name: str
    kind: AgentKind
    target: str
    # function, command, address; empty for transcript

    @property
    def is_own(self) -> bool:
        """Whether the agent is the scaffold's."""
        return self.kind in TARGETS and self.target == TARGETS[self.kind][1]


def make_choices(
    around: Surroundings,
    *,
    name: str | None,
    kind: str | None,
    ask: Ask | None,
    is_import: bool,
    target: str | None = None,
) -> WorkspaceChoices:
    """The choices; what no option says is asked, or taken from what was found where `ask` is None.

    A target says its kind by its form. An import without one is of recorded trajectories.

    Raises UsageError for a name or target that no file could hold.
    """
    if name is None:
        name = ask("The agent's name", around.name) if ask else around.name
    if not PLAIN_NAME.fullmatch(name):
        raise UsageError(
            f"--name {name!r}: a name has at most 64 letters, digits, dots, dashes and underscores."
        )
    if is_import and target is None:
        return WorkspaceChoices(name=name, kind=AgentKind.TRANSCRIPT, target="")
    if kind is None and target is not None:
        kind = _kind_of(target)
    if kind is None:
        words = ", ".join(AgentKind)
        kind = ask(f"How it is reached ({words})", around.kind) if ask else around.kind.value
    if kind not in set(AgentKind):
        raise UsageError(f"--kind {kind!r}: there are {', '.join(AgentKind)}.")
    chosen = AgentKind(kind)
    if target is None:
        return WorkspaceChoices(name=name, kind=chosen, target=_target(chosen, around, ask))
    if chosen is AgentKind.TRANSCRIPT:
        raise UsageError("--kind transcript: what is recorded has no --target.")
    return WorkspaceChoices(name=name, kind=chosen, target=_line(target, "--target"))


def _kind_of(target: str) -> str:
    """A function as module:function, an address, else a command."""
    if re.fullmatch(r"[\w.]+:[\w.]+", target, re.ASCII):
        return AgentKind.PYTHON
    if target.startswith(("http://", "https://")):
        return AgentKind.CHAT if target.rstrip("/").endswith("/v1") else AgentKind.HTTP
    return AgentKind.COMMAND


def _target(kind: AgentKind, around: Surroundings, ask: Ask | None) -> str:
    if kind not in TARGETS:
        return ""
    question, default = TARGETS[kind]
    if kind is AgentKind.CHAT and around.base_url:
        default = around.base_url
    return _line(ask(question, default) if ask else default, question)


def _line(target: str, question: str) -> str:
    if not target.strip() or not target.isprintable():
        raise UsageError(f"{question}: found {target!r}; expected one printable line.")
    try:
        shlex.split(target)
    except ValueError as error:
        raise UsageError(f"{question}: {target!r} is no command line: {error}.") from None
    return target.strip()
