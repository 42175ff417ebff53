"""promptfoo's configuration: each test with each prompt is a case, its assertions what is expected.

Texts and tool calls carry over. What a model, a script or a metric judges is listed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dialgate_evals.importing.exchanges import as_parsed
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

_VARIABLE = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_.]*)\s*\}\}")
_JUDGED = frozenset({"llm-rubric", "model-graded-closedqa"})
"""What a model judges there, by words that a judge of judge.toml can be asked as well."""

_LONGEST_CRITERION = 4000
"""Characters, as the schema of cases has it."""

_TEMPLATE = re.compile(r"\{[%{#]")
_MOST_ROUNDS = 3
# of filling in variables that stand in variables
_KEYS = frozenset({"prompts", "providers", "targets", "tests", "scenarios", "defaultTest"})


def recognises(document: Any) -> bool:  # noqa: ANN401 - file data
    """Whether the document has prompts and tests, as a configuration does."""
    if not isinstance(document, dict):
        return False
    return len(_KEYS & document.keys()) >= 2 or (
        "results" in document and recognises(document.get("config"))
    )


def read(place: str, document: Any) -> Iterator[Found]:  # noqa: ANN401 - file data
    """Every test of a configuration with every prompt."""
    if not isinstance(document, dict):
        yield not_understood(place, document, "promptfoo's configuration")
        return
    if "prompts" not in document and recognises(document.get("config")):
        what = "the outputs of an evaluation"
        yield Left(place=place, what=what, why="its configuration says what should follow")
        document = document["config"]
    prompts = document.get("prompts")
    prompts = prompts if isinstance(prompts, list) else [prompts or "{{prompt}}"]
    default = dict_in(document, "defaultTest")
    tools = _tools(document)
    if "tests" in document and not isinstance(document["tests"], list):
        yield Left(place=place, what="tests in another file", why="name that file's content here")
    for key in ("scenarios", "redteam"):
        if key in document:
            yield Left(place=place, what=f"the key {key}", why="nothing here is like it")
    for number, test in enumerate(list_in(document, "tests"), 1):
        where = f"{place} tests/{number - 1}"
        if not isinstance(test, dict):
            yield Left(place=where, what="a test that is no object", why="it can't be read")
            continue
        for index, prompt in enumerate(prompts, 1):
            name = text_in(test, "description") or f"test-{number}"
            name += f"-prompt-{index}" if len(prompts) > 1 else ""
            yield from _case(where, name, prompt, default, test, tools)


def _tools(document: dict[str, Any]) -> list[Any]:
    return [
        tool
        for provider in [*list_in(document, "providers"), *list_in(document, "targets")]
        for tool in list_in(dict_in(provider, "config"), "tools")
    ]


def _case(
    place: str, name: str, prompt: object, default: dict[str, Any], test: dict[str, Any],
    tools: list[Any],
) -> Iterator[Found]:  # fmt: skip
    values = {**dict_in(default, "vars"), **dict_in(test, "vars")}
    text = prompt if isinstance(prompt, str) else text_in(prompt, "raw", "content", "id")
    if text.startswith(("file://", "exec:", "python:")) or not text:
        yield Left(place=place, what="a prompt in another file", why="put its text in the list")
        return
    filled = text
    for _ in range(_MOST_ROUNDS):
        filled = _VARIABLE.sub(lambda found: _shown(values, found), filled)
    if _TEMPLATE.search(filled):
        why = "only plain variables with a value are filled in"
        yield Left(place=place, what=f"a prompt with a template ({name})", why=why)
        return
    messages = as_parsed(filled)
    if not are_messages(messages):
        messages = [{"role": "user", "content": filled}]
    checks = _Checks(place, values)
    for check in [*list_in(default, "assert"), *list_in(test, "assert")]:
        checks.take(check)
    yield from checks.left
    yield Conversation(
        id=name, place=place, messages=messages, asked=len(messages), tools=tools,
        expect=checks.expect(),
    )  # fmt: skip


def _shown(values: dict[str, Any], found: re.Match[str]) -> str:
    value = values.get(found[1])
    return str(value) if isinstance(value, str | int | float) else found[0]


class _Checks:
    """The assertions of one test, as far as they have a counterpart."""

    def __init__(self, place: str, values: dict[str, Any]) -> None:
        self._place, self._values = place, values
        self.left: list[Left] = []
        self._contains: list[str] = []
        self._rubric: list[dict[str, Any]] = []
        self._excludes: list[str] = []
        self._matches: list[str] = []
        self._calls: list[dict[str, Any]] = []
        self._forbid: list[dict[str, Any]] = []
        self._ordered = False

    def take(self, check: object) -> None:
        """One assertion, or a set of them."""
        if not isinstance(check, dict):
            return
        kind, value = text_in(check, "type"), check.get("value")
        if kind == "assert-set":
            self._leave(kind, "a set may pass in part")
            return
        if isinstance(value, str):
            value = _VARIABLE.sub(lambda found: _shown(self._values, found), value)
        if isinstance(value, str) and (value.startswith("file://") or _TEMPLATE.search(value)):
            self._leave(kind, "its value is computed, or stands in another file")
        elif kind in _JUDGED and _is_criterion(value):
            self._rubric.append({"name": f"rubric-{len(self._rubric) + 1}", "text": value})
        elif not self._text(kind, value) and not self._call(kind, value):
            self._leave(kind, "a model, a script or a metric judges it, or nothing here is like it")

    def _leave(self, kind: str, why: str) -> None:
        self.left.append(Left(place=self._place, what=f'the assertion "{kind}"', why=why))

    def _text(self, kind: str, value: object) -> bool:
        texts = [str(item) for item in value] if isinstance(value, list) else [str(value)]
        if value is None or isinstance(value, dict):
            return False
        alternatives = "|".join(re.escape(text) for text in texts)
        if kind in {"contains", "contains-all"}:
            self._contains += texts
        elif kind in {"icontains", "icontains-all"}:
            self._matches += [f"(?i:{re.escape(text)})" for text in texts]
        elif kind == "contains-any":
            self._matches.append(f"(?:{alternatives})")
        elif kind == "icontains-any":
            self._matches.append(f"(?i:{alternatives})")
        elif kind == "not-contains":
            self._excludes += texts
        elif kind == "equals":
            self._matches.append(rf"^\s*{alternatives}\s*$")
        elif kind == "starts-with":
            self._matches.append(f"^{alternatives}")
        elif kind == "regex":
            self._matches.append(texts[0])
        else:
            return False
        return True

    def _call(self, kind: str, value: Any) -> bool:  # noqa: ANN401 - file data
        if kind == "trajectory:tool-args-match":
            return self._arguments(value)
        if kind == "trajectory:tool-sequence":
            steps = value if isinstance(value, list) else list_in(value, "steps")
            names = [step if isinstance(step, str) else text_in(step, "name") for step in steps]
            self._ordered = True
        elif kind in {"trajectory:tool-used", "not-trajectory:tool-used"}:
            names = [value] if isinstance(value, str) else value
            if isinstance(value, dict):
                names = [text_in(value, "name")] if value.keys() <= {"name", "min"} else []
        else:
            return False
        found: Any = names
        listed: list[Any] = list(found) if isinstance(found, list) else []
        if not listed or not all(isinstance(n, str) and n and "*" not in n for n in listed):
            return False
        if kind.startswith("not-"):
            self._forbid += [{"name": name} for name in listed]
        else:
            self._calls += [{"name": name} for name in listed]
        return True

    def _arguments(self, value: Any) -> bool:  # noqa: ANN401 - file data
        name, arguments = text_in(value, "name"), dict_in(value, "args", "arguments")
        if not name or not arguments:
            return False
        if value.get("mode") == "exact":
            made = {"name": name, "arguments": arguments}
        else:
            properties = {key: {"const": item} for key, item in arguments.items()}
            where = {"type": "object", "properties": properties, "required": list(arguments)}
            made = {"name": name, "where": where}
        named = next((call for call in self._calls if call == {"name": name}), None)
        if named is None:
            self._calls.append(made)
        else:
            named.update(made)
        return True

    def expect(self) -> dict[str, Any]:
        """The case's `expect` from all assertions that were taken over so far."""
        reply: dict[str, Any] = {}
        if self._contains:
            reply["contains"] = self._contains
        if self._rubric:
            reply["rubric"] = self._rubric
        if self._excludes:
            reply["excludes"] = self._excludes
        if len(self._matches) == 1:
            reply["matches"] = self._matches[0]
        elif self._matches:
            reply["matches"] = r"(?s)\A" + "".join(f"(?=.*(?:{m}))" for m in self._matches)
        return {
            "actions": self._calls,
            **({"forbid": self._forbid} if self._forbid else {}),
            **({"ordered": True} if self._ordered else {}),
            **({"reply": reply} if reply else {}),
        }


FORMAT = Format(
    name="promptfoo",
    title="promptfoo's configuration (YAML or JSON)",
    recognises=recognises,
    read=one_by_one(read),
)


def _is_criterion(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and len(value) <= _LONGEST_CRITERION
