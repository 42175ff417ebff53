"""Changes at random: paths, links, modes, cases and keys of every file, told to be harmless or not.

A mutation is a function of a `Desk`, so that the same one is surveyed, or checked for real.
"""

from __future__ import annotations

import json
import random
import tomllib
from typing import TYPE_CHECKING, Any

from tests.dialgate.check.surveyed import CASES, GOLDEN, SUITE, a_case

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.dialgate.check.surveyed import Desk

Mutation = "Callable[[Desk, random.Random], None]"

NAMES = ("policy.toml", "Policy.toml", "judge.toml", "x.json", "x.md", "release.toml", "sim.py")
FOLDERS = (SUITE, f"{SUITE}/agent", f"{SUITE}/prompts", f"{SUITE}/lease", f"{SUITE}/inner")
ELSEWHERE = (GOLDEN, f"{GOLDEN}/transcripts", "lib", ".github/workflows", "golden/other", "")
VALUES: tuple[Any, ...] = (0, 1, 2, 0.5, 0.001, True, False, "x", "none", "allow", ["x"], [])


def toml_of(document: dict[str, Any], above: tuple[str, ...] = ()) -> str:
    """The document as TOML text."""
    lines = [f"{json.dumps(k)} = {_value(v)}" for k, v in document.items() if not _is_table(v)]
    for key, value in document.items():
        if isinstance(value, dict):
            path = (*above, key)
            lines += [f"\n[{'.'.join(json.dumps(part) for part in path)}]", toml_of(value, path)]
    return "\n".join(lines)


def _is_table(value: Any) -> bool:
    return isinstance(value, dict)


def _value(value: Any) -> str:
    return str(value) if hasattr(value, "isoformat") else json.dumps(value)


def mutate_key(desk: Desk, chance: random.Random) -> None:
    """One key of one file of settings is set, changed or taken out."""
    name = chance.choice(
        ("suite.toml", "policy.toml", "actions.toml", "runbook.toml", "owners.toml", "dial.toml")
    )
    path = desk.suite / name
    if not path.is_file():
        return
    document = tomllib.loads(path.read_text("utf-8"))
    table = document
    while chance.random() < 0.7 and (inner := [v for v in table.values() if isinstance(v, dict)]):
        table = chance.choice(inner)
    keys = [key for key in table if key != "schema"]
    if keys and chance.random() < 0.4:
        del table[chance.choice(keys)]
    else:
        table[chance.choice([*keys, *_KEYS])] = chance.choice(VALUES)
    path.write_text(toml_of(document) + "\n", "utf-8")


_KEYS = (
    "isolation",
    "interpreter",
    "trials",
    "timeout_s",
    "margin",
    "alpha",
    "env",
    "workers",
    "run",
)


def mutate_path(desk: Desk, chance: random.Random) -> None:
    """A file is added, edited, removed, linked or made executable."""
    folder = chance.choice((*FOLDERS, *ELSEWHERE))
    path = desk.folder / folder / chance.choice(NAMES)
    known = [p for p in desk.folder.rglob("*") if p.is_file() and ".git" not in p.parts]
    if chance.random() < 0.5:
        path = chance.choice(sorted(known))
    way = chance.choice(("write", "remove", "link", "mode", "append"))
    path.parent.mkdir(parents=True, exist_ok=True)
    is_there = path.is_file() and not path.is_symlink()
    if way == "write" or not is_there:
        path.unlink(missing_ok=True)
        path.write_text("x\n", "utf-8")
    elif way == "append":
        path.write_text(path.read_text("utf-8") + "\n", "utf-8")
    elif way == "mode":
        path.chmod(0o755)
    else:
        path.unlink()
        if way == "link":
            path.symlink_to(chance.choice(("../x", "/etc/hostname", "policy.toml", "../../golden")))


def mutate_cases(desk: Desk, chance: random.Random) -> None:
    """A case is removed, edited or added."""
    cases = [dict(case) for case in CASES]
    way = chance.choice(("remove", "edit", "add", "relax"))
    if way == "remove":
        cases.pop()
    elif way == "edit":
        cases[0] = a_case("c-1", messages=[{"role": "user", "content": "Otherwise."}])
    elif way == "relax":
        cases[0] = a_case("c-1", critical=False)
    else:
        cases.append(a_case(f"c-{chance.randrange(3, 99)}"))
    desk.write_cases(cases)


def mutate_release(desk: Desk, chance: random.Random) -> None:
    """The release's own parts, and the globs that name them."""
    way = chance.choice(("prompt", "code", "model", "globs"))
    if way == "prompt":
        desk.write(f"{SUITE}/prompts/system.md", f"Be {chance.random()}.\n")
    elif way == "code":
        path = desk.suite / "agent" / "main.py"
        path.write_text(path.read_text("utf-8") + f"\n# {chance.random()}\n", "utf-8")
    elif way == "model":
        path = desk.suite / "release.toml"
        path.write_text(path.read_text("utf-8").replace("m-2026-01-01", "m-2026-05-05"), "utf-8")
    else:
        path = desk.suite / "release.toml"
        globs = chance.choice(('["*.toml"]', '["agent/**"]', "[]", '["../../golden/**"]'))
        path.write_text(path.read_text("utf-8").replace('["agent/*.py"]', globs), "utf-8")


MUTATIONS: tuple[Callable[[Desk, random.Random], None], ...] = (
    mutate_key, mutate_key, mutate_path, mutate_path, mutate_cases, mutate_release,
)  # fmt: skip


def mutate(desk: Desk, seed: int) -> None:
    """One to three mutations."""
    chance = random.Random(seed)
    for _ in range(chance.randint(1, 3)):
        chance.choice(MUTATIONS)(desk, chance)
