"""Requests that each repeat the conversation so far become conversations, each once.

A request goes on from another where its history begins with that one's and with what was answered
there; what nothing goes on from is a conversation. Leaves cutting it into cases to `importing`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from dialgate_evals.files.json_text import digest_of
from dialgate_evals.importing.found import Conversation, Left
from dialgate_evals.recording.apis.api import history_of
from dialgate_evals.recording.apis.registry import APIS
from dialgate_evals.recording.other_forms import ToldAsText, as_reply
from dialgate_evals.recording.sameness import Digests, are_same_calls, calls_in, is_assistants

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dialgate_evals.importing.found import Found
    from dialgate_evals.recording.exchanges import Exchange

_SHORT = {"openai-chat": "chat", "openai-responses": "responses", "anthropic": "messages"}


class _Asked(Struct, kw_only=True):
    """A request with its whole history, also where the provider keeps a part of it."""

    exchange: Exchange
    asked: list[Any]
    answer: list[Any]
    chain: list[str]
    before: _Asked | None = None
    # the longest request that this one goes on from
    is_gone_on_from: bool = False


def conversations(exchanges: Iterable[Exchange]) -> Iterator[Found]:
    """Every conversation in the order in which they began to be asked, and what is none."""
    ordered = sorted(exchanges, key=lambda exchange: exchange.at)
    asked: list[_Asked] = []
    digests = Digests()
    told = ToldAsText()
    for found in _whole(ordered):
        if isinstance(found, Left):
            yield found
            continue
        found.chain = digests.chain(found.asked)
        if found.exchange.api == "openai-chat":
            _read_calls(found, told, digests)
        asked.append(found)
    _link(asked)
    given: set[str] = set()
    for item in asked:
        if not item.is_gone_on_from:
            yield from _ended(item, given)


def _read_calls(found: _Asked, told: ToldAsText, digests: Digests) -> None:
    """Takes calls that stand as text in the history for what they are."""
    as_written = found.chain
    history = told.as_calls(found.asked, as_written)
    if len(history) != len(found.asked) or history != found.asked:
        found.asked, found.chain = history, digests.chain(history)
    told.keep(as_written[-1], found.answer)


def _whole(ordered: Sequence[Exchange]) -> Iterator[_Asked | Left]:
    """Each request with what it refers to: an earlier answer, or a conversation that is kept."""
    answers: dict[str, list[Any]] = {}
    kept: dict[str, list[Any]] = {}
    for exchange in ordered:
        api = APIS[exchange.api]
        history = history_of(api, exchange.body)
        before = exchange.body.get("previous_response_id")
        if isinstance(before, str) and before:
            if before not in answers:
                why = f"the answer {before} before it was not recorded, and stands at the provider"
                yield Left(place=exchange.place, what="a request", why=why)
                continue
            history = [*answers[before], *history]
        named = exchange.body.get("conversation")
        named = named.get("id") if isinstance(named, dict) else named
        if isinstance(named, str) and named:
            history = [*kept.get(named, []), *history]
        answer = exchange.answer if exchange.is_answered else None
        said = api.said(answer) if answer is not None else []
        if answer is not None:
            if isinstance(answer.get("id"), str):
                answers[answer["id"]] = [*history, *said]
            if isinstance(named, str) and named:
                kept[named] = [*history, *said]
        system = api.system(exchange.body)
        asked = [{"role": "system", "content": system}, *history] if system else history
        yield _Asked(exchange=exchange, asked=asked, answer=said, chain=[])


def _link(asked: Sequence[_Asked]) -> None:
    """Finds for each request the longest one that it goes on from."""
    by_chain: dict[str, list[_Asked]] = {}
    for item in asked:
        by_chain.setdefault(f"{item.exchange.api} {item.chain[-1]}", []).append(item)
    for alike in by_chain.values():
        if any(item.exchange.is_answered for item in alike):
            for item in alike:  # it was asked again, and answered
                item.is_gone_on_from = not item.exchange.is_answered
    for item in asked:
        for length in range(len(item.asked) - 1, 0, -1):
            earlier = [
                other
                for other in by_chain.get(f"{item.exchange.api} {item.chain[length]}", ())
                if _goes_on(other, item)
            ]
            for other in earlier:
                other.is_gone_on_from = True
            answered = [other for other in earlier if other.exchange.is_answered]
            item.before = item.before or next(iter([*answered, *earlier]), None)
            if answered:
                break


def _goes_on(before: _Asked, item: _Asked) -> bool:
    """Whether what follows the common history is what was answered there."""
    rest = item.asked[len(before.asked) :]
    if not before.answer:
        return not before.exchange.is_answered
    made = []
    for message in rest:
        if not is_assistants(message):
            break
        made.append(message)
    return bool(made) and are_same_calls(made, before.answer)


def _ended(item: _Asked, given: set[str]) -> Iterator[Found]:
    """The conversation that ends with this request; one that broke off is told of."""
    exchange = item.exchange
    if not exchange.is_answered:
        if item.chain[-1] in given:
            return
        given.add(item.chain[-1])
        why = f"nothing shows what the agent would have done: {exchange.error or 'no answer'}"
        yield Left(place=exchange.place, what="a request that was not answered", why=why)
        last = item.before
        while last is not None and (not last.exchange.is_answered or calls_in(last.answer)):
            last = last.before
        if last is not None:
            yield from _ended(last, given)
        return
    key = digest_of([item.chain[-1], item.answer])
    if key in given:
        return
    given.add(key)
    given.add(item.chain[-1])
    tools = exchange.body.get("tools")
    tools = tools if isinstance(tools, list) else []
    answer = as_reply(item.answer) if exchange.api == "openai-chat" else item.answer
    messages = [*item.asked, *answer]
    if not tools and not calls_in(messages):
        why = "no tool was offered in it and none was called: it could do nothing"
        yield Left(place=exchange.place, what="a conversation", why=why)
        return
    yield Conversation(
        id=f"{_SHORT[exchange.api]}-{key.removeprefix('sha256:')[:8]}",
        place=exchange.place,
        messages=messages,
        asked=len(item.asked),
        tools=tools,
    )
