"""What each scripted model can do and costs: the part of the release that a model name decides.

The names are invented; no weights stand behind them. Tokens are counted as a quarter of the
characters, so that the same trial always costs the same.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Skills:
    """What a model of that name can do."""

    requests_per_message: int
    # how many wishes of one message it keeps in mind
    input_usd: float
    # per million tokens
    output_usd: float


_MODELS = {
    "scripted-small-1": Skills(requests_per_message=1, input_usd=0.15, output_usd=0.60),
    "scripted-small-2": Skills(requests_per_message=4, input_usd=0.15, output_usd=0.60),
}


def skills_of(model_name: str) -> Skills:
    """The skills of a model; a date after the name is a build of it. Raises ValueError."""
    for name, skills in _MODELS.items():
        if model_name == name or model_name.startswith(f"{name}-"):
            return skills
    raise ValueError(f"no scripted model is called {model_name!r}; known: {', '.join(_MODELS)}")


def count_tokens(text: str) -> int:
    """A quarter of the characters, at least one."""
    return max(1, len(text) // 4)


def cost_usd(skills: Skills, *, input_tokens: int, output_tokens: int) -> float:
    """What the trial costs by the model's prices, to a hundredth of a thousandth of a cent."""
    cost = input_tokens * skills.input_usd + output_tokens * skills.output_usd
    return round(cost / 1_000_000, 8)
