"""Each case's user, made ready for a trial: its own, or the suite's."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from dialgate_evals.conversing.facts import FactsAnswers
from dialgate_evals.conversing.scripted import ScriptedAnswers
from dialgate_evals.conversing.users import FactsUser, ModelUser, ScriptedUser
from dialgate_evals.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialgate_evals.conversing.users import User, UserSettings
    from dialgate_evals.conversing.words import AgentMessage, UserWord
    from dialgate_evals.running.users.conversation import Answers
    from dialgate_evals.running.users.user_model import UserModel
    from dialgate_evals.suite.case import Case


class CaseUsers:
    """Who answers in which case; the model of those that a model plays, where one is needed."""

    def __init__(self, settings: UserSettings) -> None:
        self.settings = settings
        self._model: UserModel | None = None

    def of(self, case: Case) -> User | None:
        """The case's user, or the suite's; None: nobody answers, a reply ends the trial."""
        return case.user if case.user is not None else self.settings.default

    def open_trial(self, user: User) -> Answers:
        """The user for one attempt. Raises UsageError where its model can't be asked."""
        match user:
            case ScriptedUser():
                return _Told(ScriptedAnswers(user))
            case FactsUser():
                return _Told(FactsAnswers(user))
            case ModelUser():
                return self._open_model().answers_of(user)
            case _ as never:
                assert_never(never)

    async def start(self, cases: Sequence[Case]) -> None:
        """Makes the user's model ready where any case needs it. Raises UsageError."""
        if any(isinstance(self.of(case), ModelUser) for case in cases):
            await self._open_model().endpoint.start()

    async def close(self) -> None:
        """Ends the model's connections."""
        if self._model is not None:
            await self._model.endpoint.close()

    def _open_model(self) -> UserModel:
        if self._model is None:
            if self.settings.base_url is None or self.settings.model is None:
                raise UsageError(
                    'A user of kind "model" needs an endpoint: set base_url and model under '
                    "[user] in suite.toml."
                )
            from dialgate_evals.running.users.user_model import UserModel  # noqa: PLC0415 - an extra

            self._model = UserModel(self.settings)
        return self._model


class _Told:
    """Answers that need no waiting."""

    blames_agent = True
    cost_usd = None
    calls = 0

    def __init__(self, answers: ScriptedAnswers | FactsAnswers) -> None:
        self._answers = answers

    async def answer(self, message: AgentMessage) -> UserWord:
        return self._answers.answer(message)
