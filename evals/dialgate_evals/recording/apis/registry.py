"""Every API that is recorded, and which one a request speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.recording.apis import anthropic, openai_chat, openai_responses

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dialgate_evals.recording.apis.api import Api

APIS: dict[str, Api] = {
    api.name: api for api in (openai_chat.API, openai_responses.API, anthropic.API)
}

_ANTHROPICS_HEADERS = frozenset({"anthropic-version", "x-api-key"})


def is_anthropics(path: str, header_names: Iterable[str]) -> bool:
    """Whether a request is for Anthropic: by its headers, which its clients always send.

    >>> is_anthropics("/v1/models", ["x-api-key"]), is_anthropics("/v1/models", ["authorization"])
    (True, False)
    """
    if not _ANTHROPICS_HEADERS.isdisjoint(name.lower() for name in header_names):
        return True
    return path.endswith("/v1/messages") or "/v1/messages/" in path


def api_of(method: str, path: str, *, anthropics: bool) -> Api | None:
    """The API that the request speaks; None where it is of no kind that is recorded.

    >>> api_of("POST", "/v1/chat/completions/", anthropics=False).name
    'openai-chat'
    >>> api_of("POST", "/v1/threads/t1/messages", anthropics=False)
    >>> api_of("GET", "/v1/responses", anthropics=False)
    """
    if method != "POST":
        return None
    for api in APIS.values():
        if (api.name == "anthropic") == anthropics and path.rstrip("/").endswith(api.ends_with):
            return api
    return None
