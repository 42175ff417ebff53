"""All judges of a command: who is asked what, once, in order, and what rulings come of it.

A question goes to a model only where rules don't decide it, and where its ruling could: the trial
would pass otherwise and the criterion has a licence. `asks_all` asks for what is only shown, too.
Votes are kept by content, so that nothing is asked twice. Leaves one judge to `judge_model`.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Protocol

from msgspec.structs import replace

from dialgate_evals.actions.rubrics.licence import UNLICENSED
from dialgate_evals.actions.rubrics.votes import Answer
from dialgate_evals.files.json_text import digest_of_parsed
from dialgate_evals.running.judges.budget import JudgeBudget
from dialgate_evals.running.judges.controls import Controls, probes_of
from dialgate_evals.running.judges.judge_model import open_judge
from dialgate_evals.scoring.rulings import Judged, with_rulings, with_votes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.actions.rubrics.judge_settings import JudgeEndpoint, JudgeSettings
    from dialgate_evals.actions.rubrics.licence import Licence
    from dialgate_evals.actions.rubrics.votes import Question, Ruling, Vote
    from dialgate_evals.running.judges.judge_model import JudgeModel


def _nothing() -> None:
    """Where nobody waits for single answers."""


class VoteStore(Protocol):
    """What keeps votes between commands; a failed one is never kept."""

    def get(self, key: str) -> Vote | None:
        """The vote of that key; None where none is kept that can be believed."""
        ...

    def put(self, key: str, vote: Vote) -> None:
        """Keeps a vote."""
        ...


class Panel:
    """The judges of judge.toml for one command, with their budget and what they said so far."""

    def __init__(
        self,
        settings: JudgeSettings,
        *,
        licence: Licence = UNLICENSED,
        asks_all: bool = False,
        store: VoteStore | None = None,
        open_one: Callable[..., JudgeModel] = open_judge,
    ) -> None:
        """Opens no connection; `open_one` is a port for tests."""
        self.settings = settings
        self.licence = licence
        self.asks_all = asks_all
        self.budget = JudgeBudget(max_calls=settings.max_calls, max_cost_usd=settings.max_cost_usd)
        self.heard: Callable[[], None] = _nothing
        # called for each question that is answered, so that a person sees it go on
        self._store = store
        self._open_one = open_one
        self._models: dict[str, JudgeModel] = {}
        self._controls = {judge.name: Controls() for judge in settings.judges}
        self._votes: dict[tuple[str, str], Vote] = {}
        # by judge and question; of what was asked in this command without what it cost

    @property
    def judged(self) -> Judged:
        """By what a scorer rules on criteria: rules, and the votes that are known."""
        return Judged(
            criteria=self.settings.criteria,
            licence=self.licence,
            has_models=bool(self.settings.judges),
            known=self.known,
        )

    def known(self, question: Question) -> tuple[Vote, ...] | None:
        """The votes of all judges on the question, at no cost; None where one is missing."""
        found = [self._known_vote(judge, question) for judge in self.settings.judges]
        votes = tuple([vote for vote in found if vote is not None])
        return votes if len(votes) == len(found) else None

    def make_ready(self) -> None:
        """Opens every judge. Raises UsageError where one can't be asked: no extra, no key."""
        for judge in self.settings.judges:
            self._model(judge)

    def count_due(self, scores: Sequence[TrialScore]) -> int:
        """How many questions of the scores need an answer."""
        return len(self._due(scores))

    def _due(self, scores: Sequence[TrialScore]) -> dict[str, Question]:
        """Each question once, in the order of the trials."""
        return {
            ruling.question.digest: ruling.question
            for score in scores
            for ruling in score.rulings
            if self._is_due(score, ruling)
        }

    async def settle(self, scores: Sequence[TrialScore]) -> list[TrialScore]:
        """The scores with every question answered that needs one.

        Raises UsageError where a judge can't be asked at all: no extra, no key.
        """
        wanted = self._due(scores)
        if not wanted:
            return list(scores)
        self._keep_controls(item for score in scores for item in score.rulings)
        deciding = [
            item.question
            for score in scores
            for item in score.rulings
            if item.decides and self._is_due(score, item)
        ]
        fresh = await self._ask_all(list(wanted.values()), probes_of(deciding))
        return [self._settled(score, fresh) for score in scores]

    async def ask(self, questions: Sequence[Question]) -> dict[str, tuple[Vote, ...]]:
        """Every judge's vote on each question, by its digest; what is known costs nothing.

        Raises UsageError where a judge can't be asked at all: no extra, no key.
        """
        wanted = {question.digest: question for question in questions}
        return await self._ask_all(list(wanted.values()), ()) if wanted else {}

    def remember(self, judge: str, question: Question, answer: Answer) -> None:
        """What a judge once said, such as when it was calibrated: it is held to the first of it."""
        if judge in self._controls:
            self._controls[judge].keep(question, answer)

    def _keep_controls(self, rulings: Iterable[Ruling]) -> None:
        """Remembers the first answers of each judge, by which it is held to itself."""
        for ruling in rulings:
            for vote in ruling.votes:
                self.remember(vote.judge, ruling.question, vote.answer)

    def _is_due(self, score: TrialScore, ruling: Ruling) -> bool:
        return ruling.is_open and (self.asks_all or (ruling.decides and score.is_unruled))

    def _settled(self, score: TrialScore, fresh: dict[str, tuple[Vote, ...]]) -> TrialScore:
        """The score with its votes; what they cost is the first trial's that asked."""
        if not any(ruling.is_open and ruling.question.digest in fresh for ruling in score.rulings):
            return score
        rulings = []
        paid = score.judge_cost_usd
        for ruling in score.rulings:
            digest = ruling.question.digest
            if not ruling.is_open or digest not in fresh:
                rulings.append(ruling)
                continue
            votes = fresh[digest]
            fresh[digest] = tuple([_free(vote) for vote in votes])
            costs = [vote.cost_usd for vote in votes if vote.cost_usd is not None]
            paid = paid if not costs else (paid or 0.0) + sum(costs)
            rulings.append(with_votes(ruling, votes))
        return replace(with_rulings(score, tuple(rulings)), judge_cost_usd=paid)

    async def _ask_all(
        self, questions: Sequence[Question], probes: Sequence[Question]
    ) -> dict[str, tuple[Vote, ...]]:
        """The votes on each question; with probes, of judges that still judge as they did."""
        async with AsyncExitStack() as stack:
            for judge in self.settings.judges:
                model = self._model(judge)
                await model.endpoint.start()
                stack.push_async_callback(model.endpoint.close)
            votes = {**await self._ask_each(probes), **await self._ask_each(questions, self.heard)}
            for place, judge in enumerate(self.settings.judges):
                own = [(item, votes[item.digest][place]) for item in (*probes, *questions)]
                held = await self._held(judge, own, len(probes)) if probes else own
                self._keep(judge, held)
                for question, vote in held:
                    listed = votes[question.digest]
                    votes[question.digest] = (*listed[:place], vote, *listed[place + 1 :])
        return votes

    async def _ask_each(
        self, questions: Sequence[Question], heard: Callable[[], None] = _nothing
    ) -> dict[str, tuple[Vote, ...]]:
        limit = asyncio.Semaphore(self.settings.concurrency)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._ask(item, limit, heard)) for item in questions]
        return {item.digest: task.result() for item, task in zip(questions, tasks, strict=True)}

    async def _held(
        self, judge: JudgeEndpoint, own: Sequence[tuple[Question, Vote]], probes: int
    ) -> list[tuple[Question, Vote]]:
        """The judge's votes; those of now have failed where it isn't what it was before.

        What probes and controls cost is put on the first vote that was paid for.
        """
        controls = self._controls[judge.name]
        for question, vote in own:
            controls.keep(question, vote.answer)
        paid = next(
            (place for place, item in enumerate(own) if place >= probes and item[1].calls), None
        )
        if paid is None:
            return list(own)
        why, asked = await controls.ask_again(self._model(judge).vote)
        found = list(own)
        if why is not None:
            found = [
                (question, replace(vote, answer=Answer.FAILED, reason=why) if vote.calls else vote)
                for question, vote in own
            ]
        question, first = found[paid]
        others = [*asked, *(vote for _, vote in own[:probes])]
        found[paid] = (question, _with_costs_of(first, others))
        return found

    def _keep(self, judge: JudgeEndpoint, own: Iterable[tuple[Question, Vote]]) -> None:
        """Remembers the votes, and keeps those that later commands may rest on."""
        for question, vote in own:
            if vote.answer is Answer.FAILED:
                continue  # it is asked again where the text comes again
            self._votes[judge.name, question.digest] = _free(vote)
            if self._store is not None and vote.calls:
                self._store.put(vote_key(judge, question), _free(vote))

    async def _ask(
        self, question: Question, limit: asyncio.Semaphore, heard: Callable[[], None]
    ) -> tuple[Vote, ...]:
        async with limit:
            votes = tuple([await self._vote(judge, question) for judge in self.settings.judges])
        heard()
        return votes

    async def _vote(self, judge: JudgeEndpoint, question: Question) -> Vote:
        known = self._known_vote(judge, question)
        return await self._model(judge).vote(question) if known is None else known

    def _known_vote(self, judge: JudgeEndpoint, question: Question) -> Vote | None:
        asked = self._votes.get((judge.name, question.digest))
        if asked is not None or self._store is None:
            return asked
        kept = self._store.get(vote_key(judge, question))
        if kept is None or kept.answer is Answer.FAILED:
            return None
        vote = _free(replace(kept, judge=judge.name))
        self._votes[judge.name, question.digest] = vote
        return vote

    def _model(self, judge: JudgeEndpoint) -> JudgeModel:
        if judge.name not in self._models:
            self._models[judge.name] = self._open_one(
                judge,
                budget=self.budget,
                retries=self.settings.retries,
                max_chars=self.settings.max_chars,
            )
        return self._models[judge.name]


def vote_key(judge: JudgeEndpoint, question: Question) -> str:
    """The key of a kept vote: everything that it rests on, and nothing else."""
    return digest_of_parsed({"judge": judge.digest, "question": question.digest})


def _with_costs_of(vote: Vote, others: Sequence[Vote]) -> Vote:
    """The vote with the calls and cost of those that were asked for its sake."""
    costs = [item.cost_usd for item in (vote, *others) if item.cost_usd is not None]
    calls = vote.calls + sum(item.calls for item in others)
    return replace(vote, calls=calls, cost_usd=sum(costs) if costs else None)


def _free(vote: Vote) -> Vote:
    """The vote as it counts once more: at no cost."""
    return replace(vote, calls=0, cost_usd=None)
