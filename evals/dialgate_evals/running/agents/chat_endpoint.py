"""An OpenAI-compatible endpoint: one request, its raw answer, and what its failures mean.

Knows the client, limits and the key, which reaches no record; leaves turns and messages to its
callers: the built-in agent, a simulated user's model, a judge's.
"""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
import os
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from msgspec import Struct

from dialgate_evals.actions.redaction import SHORTEST_SECRET
from dialgate_evals.errors import UsageError
from dialgate_evals.files.plain_text import shorten
from dialgate_evals.running.agent_protocol import AgentError, InfrastructureError
from dialgate_evals.running.agents.retry_after import parse_retry_after
from dialgate_evals.running.simulation.loopback import BODY_LIMIT_BYTES, is_loopback

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping, Sequence

    import openai

RESERVED = frozenset({"model", "messages", "tools", "stream", "stream_options", "n"})
"""What a caller itself decides; parameters must not."""

_AGENTS_OWN = frozenset({400, 413, 422})
"""Statuses that the prompt, tools or parameters cause. Others are about the key, the address or
the provider: the trial could not be run, and that is no sign of a worse release."""

_NO_KEY = "none"
"""Sent where no key is named: the SDK wants one and would look for it by itself."""


def utc_now() -> dt.datetime:
    """The time, of which only `Retry-After` dates and prices need one."""
    return dt.datetime.now(dt.UTC)


def _tls(*, trust_env: bool) -> ssl.SSLContext:
    names = ("SSL_CERT_FILE", "SSL_CERT_DIR") if trust_env else ()
    return _tls_of(*map(os.environ.get, names))


@cache
def _tls_of(*of_environment: str | None) -> ssl.SSLContext:
    """What every client would load for itself: the machine's certificates, some 30 ms each."""
    import httpx2  # noqa: PLC0415 - comes with openai

    return httpx2.create_ssl_context(trust_env=bool(of_environment))


class EndpointSettings(Struct, frozen=True, kw_only=True):
    """Where a model is asked, and as what."""

    base_url: str
    model: str
    parameters: Mapping[str, Any]
    api_key_env: str | None
    place: str
    # of `api_key_env`, for messages: "[agent]"
    timeout_s: float | None = None
    # None: who asks limits it
    has_own_temperature: bool = False
    # whether `temperature` is the harness's, where nobody named one


class ChatEndpoint:
    """One model on one endpoint; started once, asked by many trials at once."""

    def __init__(
        self,
        settings: EndpointSettings,
        *,
        environment: Mapping[str, str] | None = None,
        now: Callable[[], dt.datetime] = utc_now,
    ) -> None:
        """Raises UsageError: no extra, no key where one is named, parameters that can't be."""
        if importlib.util.find_spec("openai") is None:
            raise UsageError(
                'A model\'s endpoint needs the extra "chat": pip install "dialgate[chat]".'
            )
        self._settings = settings
        self._key = _find_key(settings, os.environ if environment is None else environment)
        self._now = now
        self._client: openai.AsyncOpenAI | None = None

    async def start(self) -> None:
        """Makes the client; the endpoint itself is first asked by a trial."""
        import openai  # noqa: PLC0415 - takes a second, and is an extra

        base_url, query = _address(self._settings.base_url)
        is_local = is_loopback(urlsplit(base_url).hostname or "")
        self._client = openai.AsyncOpenAI(
            base_url=base_url,
            default_query=query,
            api_key=self._key or _NO_KEY,
            max_retries=0,  # who asks retries
            timeout=self._settings.timeout_s,
            http_client=openai.DefaultAsyncHttpxClient(
                follow_redirects=False, trust_env=not is_local, verify=_tls(trust_env=not is_local)
            ),
        )

    async def close(self) -> None:
        """Ends the client's connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def ask(
        self, messages: Sequence[Mapping[str, Any]], schemas: Sequence[Mapping[str, Any]] = ()
    ) -> bytes:
        """The endpoint's raw answer. Raises AgentError or InfrastructureError."""
        import httpx2  # noqa: PLC0415 - comes with openai
        import openai  # noqa: PLC0415 - an extra

        try:
            return await self._post(messages, schemas)
        except openai.APIStatusError as error:
            raise self._status_error(error) from None
        except (openai.APIConnectionError, httpx2.HTTPError) as error:
            cause = error.__cause__ or error
            said = self.without_key(str(cause)) or type(cause).__name__
            raise InfrastructureError(f"the model's endpoint can't be reached: {said}") from None

    async def _post(
        self, messages: Sequence[Mapping[str, Any]], schemas: Sequence[Mapping[str, Any]]
    ) -> bytes:
        assert self._client is not None
        request: dict[str, Any] = {"model": self._settings.model, "messages": list(messages)}
        if schemas:
            request["tools"] = list(schemas)
        # As raw bytes: the SDK's types let anything pass, and would read without a bound.
        streaming = self._client.chat.completions.with_streaming_response
        parameters = dict(self._settings.parameters)
        async with streaming.create(**request, extra_body=parameters) as response:
            body = bytearray()
            async for chunk in response.iter_bytes():
                body += chunk
                if len(body) > BODY_LIMIT_BYTES:
                    limit = BODY_LIMIT_BYTES // 2**20
                    raise AgentError(f"the model's answer is over {limit} MiB")
        return self.without_key(body.decode("utf-8", "surrogateescape")).encode(
            "utf-8", "surrogateescape"
        )

    def _status_error(self, error: openai.APIStatusError) -> AgentError | InfrastructureError:
        status = error.status_code
        said = shorten(self.without_key(f"the model's endpoint answered {status}: {error}"), 1000)
        if status == 400 and self._settings.has_own_temperature and "temperature" in said:
            said += f' ({self._settings.place} parameters: temperature = "" leaves it out)'
        if status in _AGENTS_OWN:
            return AgentError(said)
        retry = parse_retry_after(error.response.headers.get("retry-after"), now=self._now())
        return InfrastructureError(said, retry_after_s=retry)

    def without_key(self, text: str) -> str:
        """The text without the key, should an endpoint repeat it."""
        if self._key is None or len(self._key) < SHORTEST_SECRET:
            return text
        shown = f"[secret {self._settings.api_key_env}]"
        return text.replace(json.dumps(self._key)[1:-1], shown).replace(self._key, shown)


def steady(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters with temperature 0 where they name none; an empty text leaves it out.

    >>> steady({"seed": 1}), steady({"temperature": ""})
    ({'temperature': 0, 'seed': 1}, {})
    """
    found = {"temperature": 0, **parameters}
    if found["temperature"] == "":
        del found["temperature"]
    return found


def _address(base_url: str) -> tuple[str, dict[str, str]]:
    """The address without what the client puts behind it, and its query (Azure's api-version)."""
    parts = urlsplit(base_url)
    path = parts.path.rstrip("/").removesuffix("/chat/completions")
    return parts._replace(path=path, query="").geturl(), dict(parse_qsl(parts.query))


def _find_key(settings: EndpointSettings, environment: Mapping[str, str]) -> str | None:
    name = settings.api_key_env
    if name is None:
        return None
    if not environment.get(name):
        raise UsageError(
            f"{settings.place} api_key_env: the environment variable {name} is not set."
        )
    return environment[name]
