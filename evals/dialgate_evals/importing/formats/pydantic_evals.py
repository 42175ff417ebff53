"""pydantic-evals' data sets (YAML or JSON): expected texts carry over, the rest is listed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dialgate_evals.importing.found import (
    Conversation,
    Format,
    Left,
    are_messages,
    dict_in,
    list_in,
    not_understood,
    one_by_one,
    text_in,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate_evals.importing.found import Found


def recognises(document: Any) -> bool:  # noqa: ANN401 - file data
    """Whether the document holds cases with inputs."""
    cases = list_in(document, "cases")
    return bool(cases) and isinstance(cases[0], dict) and "inputs" in cases[0]


def read(place: str, document: Any) -> Iterator[Found]:  # noqa: ANN401 - file data
    """Every case whose inputs are a text or messages."""
    for number, case in enumerate(list_in(document, "cases"), 1):
        where = f"{place} cases/{number - 1}"
        messages = _messages(case.get("inputs")) if isinstance(case, dict) else []
        if not messages:
            yield not_understood(where, case, "a case whose inputs are a text or messages")
            continue
        reply: dict[str, Any] = {}
        for evaluator in [*list_in(document, "evaluators"), *list_in(case, "evaluators")]:
            name, value = _named(evaluator)
            if not _take(name, value, case, reply):
                why = "a model, code or a span judges it"
                yield Left(place=where, what=f"the evaluator {name}", why=why)
        if not reply:
            why = "no text is expected that could be missing"
            yield Left(place=where, what="a case", why=why)
            continue
        yield Conversation(
            id=text_in(case, "name") or f"case-{number}",
            place=where,
            messages=messages,
            asked=len(messages),
            expect={"actions": [], "reply": reply},
        )


def _messages(inputs: object) -> list[Any]:
    if are_messages(inputs) and isinstance(inputs, list):
        return list(inputs)
    if isinstance(inputs, dict) and are_messages(inputs.get("messages")):
        return list_in(inputs, "messages")
    if isinstance(inputs, dict) and len(inputs) == 1:
        inputs = next(iter(inputs.values()))
    return [{"role": "user", "content": inputs}] if isinstance(inputs, str) and inputs else []


def _named(evaluator: object) -> tuple[str, Any]:
    """The evaluator's name and arguments, in any of the three ways to write one."""
    if isinstance(evaluator, dict) and len(evaluator) == 1:
        name, value = next(iter(evaluator.items()))
        return str(name), value
    name = text_in(evaluator, "name")
    return (name, dict_in(evaluator, "arguments")) if name else (str(evaluator)[:80], None)


def _take(name: str, value: Any, case: dict[str, Any], reply: dict[str, Any]) -> bool:  # noqa: ANN401 - any data
    """Whether the evaluator is a check of the reply's text, which is then in `reply`."""
    if name == "LLMJudge":
        return _take_judge(value, reply)
    options = value if isinstance(value, dict) else {"value": value}
    text = options.get("value")
    if name == "EqualsExpected":
        text = case.get("expected_output")
    if not isinstance(text, str) or not text:
        return False
    if name in {"Equals", "EqualsExpected"} and "matches" not in reply:
        reply["matches"] = rf"^\s*{re.escape(text)}\s*$"
    elif name == "Contains" and options.get("case_sensitive", True) is True:
        reply.setdefault("contains", []).append(text)
    elif name == "Contains" and "matches" not in reply:
        reply["matches"] = f"(?i:{re.escape(text)})"
    else:
        return False
    return True


def _take_judge(value: Any, reply: dict[str, Any]) -> bool:  # noqa: ANN401 - any data
    """Whether what a model judges there is a criterion of the reply alone, or with the request."""
    options = value if isinstance(value, dict) else {"rubric": value}
    text = options.get("rubric")
    is_more = options.get("include_expected_output") is True
    if not isinstance(text, str) or not text.strip() or len(text) > _LONGEST_CRITERION or is_more:
        return False
    listed = reply.setdefault("rubric", [])
    sees = {"sees": ["request"]} if options.get("include_input") is True else {}
    listed.append({"name": f"rubric-{len(listed) + 1}", "text": text, **sees})
    return True


_LONGEST_CRITERION = 4000
"""Characters, as the schema of cases has it."""

FORMAT = Format(
    name="pydantic-evals",
    title="pydantic-evals data sets (YAML or JSON)",
    recognises=recognises,
    read=one_by_one(read),
)
