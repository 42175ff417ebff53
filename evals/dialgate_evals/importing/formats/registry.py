"""Every format, the most telling first; a file is known by its first readable documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.importing.formats import (
    anthropic,
    atif,
    deepeval,
    inspect_logs,
    langfuse,
    langsmith,
    mlflow,
    openai_chat,
    openai_evals,
    openai_responses,
    otlp,
    promptfoo,
    pydantic_evals,
    tau2,
)

if TYPE_CHECKING:
    from dialgate_evals.importing.found import Format

FORMATS: tuple[Format, ...] = (
    inspect_logs.FORMAT,
    tau2.FORMAT,
    atif.FORMAT,
    promptfoo.FORMAT,
    pydantic_evals.FORMAT,
    mlflow.FORMAT,
    langsmith.FORMAT,
    otlp.FORMAT,
    langfuse.FORMAT,
    deepeval.FORMAT,
    openai_evals.FORMAT,
    anthropic.FORMAT,
    openai_responses.FORMAT,
    openai_chat.FORMAT,
)


def recognise(document: Any) -> Format | None:  # noqa: ANN401 - JSON data
    """The first format that knows the document; None where none does."""
    return next((known for known in FORMATS if known.recognises(document)), None)
