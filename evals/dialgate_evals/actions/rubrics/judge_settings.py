"""judge.toml: the models that vote on criteria, what they are told, and what they may cost.

Parses the checked file into frozen settings; leaves asking to `running.judges`. The file is the
judge's side of a check: the base's counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from dialgate_evals.actions.rubrics.criterion import Criterion, parse_criterion
from dialgate_evals.actions.rubrics.votes import RULES_VERSION
from dialgate_evals.files.json_text import digest_of_parsed

if TYPE_CHECKING:
    from collections.abc import Mapping

WORDING = "judge-1"
"""Changes whenever the same criterion and text could be put to a model in other words."""


class JudgeEndpoint(Struct, frozen=True, kw_only=True):
    """One judge: a model on an OpenAI-compatible endpoint."""

    name: str
    base_url: str
    model: str
    prompt: str = ""
    # told beside the criterion; empty: nothing more than the harness's own words
    api_key_env: str | None = None
    parameters: Mapping[str, Any] = {}
    timeout_s: float = 60.0
    # of one answer
    prices: Mapping[str, float] | None = None
    # US dollars per million tokens: {"input": …, "output": …}

    @property
    def prompt_digest(self) -> str:
        """Digest of what it is told beside criterion and text."""
        return digest_of_parsed({"wording": WORDING, "prompt": self.prompt})

    @property
    def digest(self) -> str:
        """Digest of all by which its votes could differ: the judge's version."""
        return digest_of_parsed(
            {
                "base_url": self.base_url,
                "model": self.model,
                "parameters": dict(self.parameters),
                "prompt": self.prompt_digest,
            }
        )


class JudgeSettings(Struct, frozen=True, kw_only=True):
    """All of judge.toml; without the file nobody is asked."""

    judges: tuple[JudgeEndpoint, ...] = ()
    # in the file's order, in which they are asked
    criteria: Mapping[str, Criterion] = {}
    # those that cases name without saying them
    retries: int = 1
    # of one question, where the endpoint fails or its answer doesn't fit
    concurrency: int = 8
    # questions in flight
    max_calls: int = 1000
    # of all judges in one command
    max_cost_usd: float | None = None
    # of all judges in one command; None: no limit
    max_chars: int = 20_000
    # of a text that is judged, with what is shown beside it; a longer one has no answer

    @property
    def digest(self) -> str:
        """The version of the judge as a whole: who votes, in which words, on which criteria."""
        return digest_of_parsed(
            {
                "judges": [[item.name, item.digest] for item in self.judges],
                "criteria": {name: item.digest for name, item in self.criteria.items()},
                "max_chars": self.max_chars,
                "rules": RULES_VERSION,
            }
        )

    def as_json(self) -> dict[str, Any] | None:
        """What run.json says of it; None without a judge.toml."""
        if not self.judges and not self.criteria:
            return None
        return {
            "digest": self.digest,
            "judges": [
                {"name": item.name, "model": item.model, "base_url": item.base_url,
                 "prompt": item.prompt_digest, "digest": item.digest}
                for item in self.judges
            ],
            "criteria": {name: item.digest for name, item in self.criteria.items()},
        }  # fmt: skip


def parse_judges(document: Mapping[str, Any]) -> JudgeSettings:
    """The settings that a checked judge.toml says."""
    limits = ("retries", "concurrency", "max_calls", "max_cost_usd", "max_chars")
    shared = {key: document[key] for key in ("prompt", "timeout_s") if key in document}
    return JudgeSettings(
        judges=tuple(
            [
                JudgeEndpoint(name=name, **{**shared, **item})
                for name, item in document.get("judge", {}).items()
            ]
        ),
        criteria={
            name: parse_criterion(name, item)
            for name, item in document.get("criterion", {}).items()
        },
        **{key: document[key] for key in limits if key in document},
    )
