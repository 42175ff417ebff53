"""Why a model's answer ended, in OpenAI's words, whatever the vendor's are.

`malformed` is the one word that OpenAI lacks: what the model began to call could not be read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MALFORMED = "malformed"

WORDS = {
    "length": (
        "max_tokens max_output_tokens max_length max_new_tokens model_length error_limit "
        "model_context_window_exceeded incomplete pause_turn repetition_truncation"
    ),
    "content_filter": (
        "content_filtered safety guardrail_intervened recitation prohibited_content blocklist "
        "spii image_safety image_prohibited_content image_recitation model_armor language refusal "
        "sensitive error_toxic jailbreak"
    ),
    MALFORMED: (
        "malformed_function_call unexpected_tool_call too_many_tool_calls malformed_response "
        "missing_thought_signature malformed_tool_use malformed_model_output"
    ),
    "error": (
        "failed network_error insufficient_system_resource abort aborted cancelled canceled "
        "user_cancel timeout load unload"
    ),
    "stop": (
        "end_turn stop_sequence eos eos_token end_of_turn complete completed finish_reason_stop "
        "stop_token"
    ),
    "tool_calls": "tool_use tool_call function_call",
}
"""By the word of OpenAI: those of Anthropic, Google, Amazon, Cohere, Mistral, of other servers."""

_KNOWN: Mapping[str, str] = {
    word: known for known, words in WORDS.items() for word in (known, *words.split())
}


def reason_of(word: object) -> str | None:
    """Why a model ended, in OpenAI's words; a word that nobody knows as it is, lowered.

    None where nothing is said. Google's chat endpoint writes `function_call_filter:
    MALFORMED_FUNCTION_CALL`: then the last word that is known counts.
    """
    if not isinstance(word, str) or not word.strip():
        return None
    lowered = word.strip().lower()
    return next(_said_by(lowered), lowered)


def _said_by(lowered: str) -> Iterator[str]:
    for piece in (lowered, *reversed(lowered.split(":"))):
        known = _KNOWN.get(piece.strip().replace("-", "_").replace(" ", "_"))
        if known is not None:
            yield known
