"""At most three questions, none where nobody is there; what no file could hold is refused."""

from __future__ import annotations

from typing import Any

import pytest

from dialgate.scaffold.choices import WorkspaceChoices, make_choices
from dialgate.scaffold.surroundings import Surroundings
from dialgate_evals.errors import UsageError
from dialgate_evals.suite.suite import AgentKind

AROUND = Surroundings(name="shop-bot", base_url="http://127.0.0.1:1/v1")


def choices(ask: Any = None, **more: Any) -> WorkspaceChoices:
    options: dict[str, Any] = {"name": None, "kind": None, "is_import": False, **more}
    return make_choices(AROUND, ask=ask, **options)


class Asker:
    """Answers in turn; Enter where nothing is left."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.questions: list[str] = []

    def __call__(self, question: str, default: str) -> str:
        self.questions.append(question)
        return self.answers.pop(0) if self.answers else default


@pytest.mark.parametrize("kind", list(AgentKind))
def test_at_most_three_questions_are_asked(kind: AgentKind) -> None:
    ask = Asker("bot", kind.value)
    assert choices(ask).kind is kind
    assert len(ask.questions) == (2 if kind is AgentKind.TRANSCRIPT else 3)


def test_what_an_option_says_is_not_asked() -> None:
    ask = Asker()
    choices(ask, name="bot", kind="http")
    assert ask.questions == ["Its address"]
    ask = Asker()
    assert choices(ask, name="bot", is_import=True).kind is AgentKind.TRANSCRIPT
    assert ask.questions == []


def test_without_anybody_what_was_found_counts() -> None:
    assert choices() == WorkspaceChoices(
        name="shop-bot", kind=AgentKind.CHAT, target="http://127.0.0.1:1/v1"
    )
    assert choices(kind="python").is_own


@pytest.mark.parametrize(
    "more",
    [
        {"name": "../up"},
        {"name": ""},
        {"name": "a/b"},
        {"name": "x" * 65},
        {"name": 'a"b'},
        {"kind": "Python"},
        {"kind": ""},
    ],
    ids=str,
)
def test_what_no_file_could_hold_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        choices(**more)


@pytest.mark.parametrize("url", ["a\nb", " "])
def test_an_answer_that_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(UsageError):
        choices(Asker("bot", "http", url))


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("shop_agent:respond", AgentKind.PYTHON),
        ("shop.agent:desk.run", AgentKind.PYTHON),
        ("http://127.0.0.1:8000/act", AgentKind.HTTP),
        ("https://api.openai.com/v1", AgentKind.CHAT),
        ("npx tsx agent.ts", AgentKind.COMMAND),
    ],
)
def test_a_target_says_its_kind_and_asks_nothing_more(target: str, kind: AgentKind) -> None:
    ask = Asker()
    found = choices(ask, name="bot", target=target)
    assert (found.kind, found.target, ask.questions) == (kind, target, [])


def test_what_is_recorded_has_no_target() -> None:
    with pytest.raises(UsageError, match="transcript"):
        choices(name="bot", kind="transcript", target="a:b")
