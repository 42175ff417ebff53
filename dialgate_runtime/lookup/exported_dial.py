"""The file of `dialgate dial show SUITE --json`: read strictly, with every problem at once."""

from __future__ import annotations

from dialgate_runtime.leases.lease import Lease, Subject
from dialgate_runtime.leases.rules import NO_RULES, LeaseRules, parse_rules
from dialgate_runtime.lookup.exact_calls import ExactCalls, exact_calls
from dialgate_runtime.lookup.lookup import UNCLASSIFIED
from dialgate_runtime.mode import Mode, lower_of
from dialgate_runtime.problems import shown
from dialgate_runtime.strict_json import digest_of
from dialgate_runtime.values import Value

TYPE_CHECKING = False  # the name alone, without `typing`
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_KEYS = frozenset({"schema", "suite", "release", "default", "classes", "tools", "lease"})
_OF_CLASS = frozenset({"action_class", "effect", "tools", "when", "checks", "mode", "lease"})
_OF_TOOL = frozenset({"strictest", "no_object", "exact", "arguments", "defaults", "classes"})
_WRITE = "write"


class ExportedDial(Value):
    """What such a file says."""

    calls: Mapping[str, ExactCalls]
    modes: Mapping[str, Mode]
    leased: frozenset[str]
    held: Mapping[str, Lease]
    # as they were verified when the file was written
    rules: LeaseRules
    document: Mapping[str, object]

    def subject(self) -> Subject | None:
        """What a lease must be on; None: the file knows no release, so none can be."""
        return _subject(self.document)


def bound_digest(document: Mapping[str, object]) -> str:
    """The digest of classes and tools that a lease names: all but modes and leases.

    Whoever moves a call to another class, or writes another condition, has no lease for it.
    """
    classes, tools = document["classes"], document["tools"]
    assert isinstance(classes, list)
    assert isinstance(tools, dict)
    return digest_of(
        {
            "classes": [
                {key: item[key] for key in sorted(_OF_CLASS - {"mode", "lease"})}
                for item in classes
            ],
            "tools": {
                name: {key: item[key] for key in sorted(_OF_TOOL - {"strictest", "no_object"})}
                for name, item in tools.items()
            },
        }
    )


def parse_exported(document: object) -> tuple[ExportedDial | None, list[str]]:
    """The dial of a document, or None, with every problem."""
    problems = list(_problems(document))
    if problems or not isinstance(document, dict):
        return None, problems
    rules, wrong = (NO_RULES, []) if document["lease"] is None else parse_rules(document["lease"])
    if wrong:
        return None, [f"lease: {text}" for text in wrong]
    classes = {item["action_class"]: item for item in document["classes"]}
    modes = {name: Mode(item["mode"]) for name, item in classes.items()}
    modes[UNCLASSIFIED] = lower_of(Mode(document["default"]), Mode.IN_THE_LOOP)
    return (
        ExportedDial(
            calls={name: _calls(item, classes) for name, item in document["tools"].items()},
            modes=modes,
            leased=frozenset(name for name, item in classes.items() if item["effect"] == _WRITE),
            held={name: _held(item) for name, item in classes.items() if item["lease"]},
            rules=rules,
            document=document,
        ),
        [],
    )


def _subject(document: Mapping[str, object]) -> Subject | None:
    release = document["release"]
    if not isinstance(release, dict):
        return None
    return Subject(
        suite=str(document["suite"]),
        release=str(release["fingerprint"]),
        classes=bound_digest(document),
    )


def _calls(tool: Mapping[str, object], classes: Mapping[str, Mapping[str, object]]) -> ExactCalls:
    names = tool["classes"]
    assert isinstance(names, list)
    found = [(classes[name]["checks"], name) for name in names]
    return exact_calls(tool, found, falls_through=classes[names[-1]]["when"] is not None)  # type: ignore[arg-type]  # checked when read


def _held(item: Mapping[str, object]) -> Lease:
    lease = item["lease"]
    assert isinstance(lease, dict)
    return Lease(
        action_class=str(item["action_class"]),
        mode=Mode(lease["mode"]),
        issued_at=lease["issued_at"],
        not_after=lease["not_after"],
        keyid="",
    )


def _problems(document: object) -> Iterator[str]:
    if not isinstance(document, dict):
        yield "no object"
        return
    yield from _keys(document, _KEYS, "")
    if set(document) != _KEYS:
        return
    if document["schema"] != 1 or isinstance(document["schema"], bool):
        yield f"schema {shown(document['schema'])}, expected 1"
    if document["default"] not in set(Mode):
        yield f"default: {shown(document['default'])} is no mode"
    release = document["release"]
    if release is not None and not (
        isinstance(release, dict) and isinstance(release.get("fingerprint"), str)
    ):
        yield "release: no release with its fingerprint"
    if not isinstance(document["classes"], list) or not isinstance(document["tools"], dict):
        yield "no list of classes, or no tools by name"
        return
    for index, item in enumerate(document["classes"]):
        yield from _of_class(item, f"classes[{index}]")
    named = {item.get("action_class") for item in document["classes"] if isinstance(item, dict)}
    for name, item in document["tools"].items():
        yield from _of_tool(item, f"tools[{shown(name)}]", named)


def _keys(document: Mapping[str, object], known: frozenset[str], place: str) -> Iterator[str]:
    for key in sorted(set(document) - known):
        yield f"{place}the unknown key {shown(key)}"
    for key in sorted(known - set(document)):
        yield f"{place}no {key}"


def _of_class(item: object, place: str) -> Iterator[str]:
    if not isinstance(item, dict) or set(item) != _OF_CLASS:
        yield f"{place}: other keys than a class's"
        return
    if not isinstance(item["action_class"], str):
        yield f"{place}: a name that is no text"
    if item["mode"] not in set(Mode):
        yield f"{place}: {shown(item['mode'])} is no mode"
    if item["effect"] not in {"read", "write", "escalate"}:
        yield f"{place}: {shown(item['effect'])} is no effect"
    checks, lease = item["checks"], item["lease"]
    if checks is not None and not _are_objects(checks):
        yield f"{place}: checks that are none"
    if lease is not None and not (
        isinstance(lease, dict)
        and set(lease) == {"mode", "issued_at", "not_after"}
        and lease["mode"] in set(Mode)
        and all(type(lease[key]) in {int, float} for key in ("issued_at", "not_after"))
    ):
        yield f"{place}: a lease that is none"


def _of_tool(item: object, place: str, classes: set[object]) -> Iterator[str]:
    if not isinstance(item, dict) or set(item) != _OF_TOOL:
        yield f"{place}: other keys than a tool's"
        return
    names = item["classes"]
    if not isinstance(names, list) or not names or not all(name in classes for name in names):
        yield f"{place}: classes that are none"
    if item["arguments"] is not None and not _are_objects(item["arguments"]):
        yield f"{place}: arguments that are no checks"


def _are_objects(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)
