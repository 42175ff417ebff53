"""Whatever a change touches, the candidate is judged by the base's files: 2,000 changes at random.

No agent is run here: a path of the judge reaches the candidate's tree only by a rule that says so.
"""

from __future__ import annotations

import random

from dialgate.check.change_survey import candidate_entries, changed_paths
from dialgate.git.raw_tree import EXECUTABLE, FILE, LINK, SUBMODULE, Entries, TreeEntry
from dialgate_gate.changes.judged.changed_paths import SETTINGS, WHOLE, Fate, Territory
from dialgate_gate.changes.judged.path_rules import path_change, rule_of

SUITE, GOLDEN = "suites/desk", "golden/desk"
JUDGED = (
    *(f"{SUITE}/{name}" for name in (*SETTINGS, *WHOLE)), f"{SUITE}/sim.py", f"{SUITE}/world.json",
    f"{GOLDEN}/cases.jsonl", f"{GOLDEN}/more.jsonl", f"{GOLDEN}/world.json",
)  # fmt: skip
OWN = (
    f"{SUITE}/release.toml", f"{SUITE}/agent/main.py", f"{SUITE}/agent/limits.json",
    f"{SUITE}/prompts/a.md", f"{SUITE}/README.md", "lib/x.py", "README.md",
)  # fmt: skip
SPELLINGS = ("suites/desk/Suite.toml", "suites/desk/POLICY.TOML", "golden/desk/Cases.jsonl")
PLACES = (*JUDGED, *OWN, *SPELLINGS, f"{SUITE}/x/suite.toml", "suites/desk2/policy.toml")
HARM = "harm"
"""The blob of an agent that does harm in every trial."""


def ground(before: Entries) -> Territory:
    return Territory(
        suite=SUITE,
        components=frozenset({f"{SUITE}/agent/main.py", f"{SUITE}/prompts/a.md"}),
        cases=frozenset({f"{GOLDEN}/cases.jsonl", f"{GOLDEN}/more.jsonl"}),
        case_folders=frozenset({GOLDEN}),
        code_folders=frozenset({f"{SUITE}/agent"}),
        simulators=frozenset({f"{SUITE}/sim.py"}),
        base_paths=frozenset(before),
    )


def a_tree(chance: random.Random, share: float) -> Entries:
    return {
        name: TreeEntry(mode=FILE, oid=f"base {name}")
        for name in PLACES
        if name in JUDGED[:2] or name in OWN or chance.random() < share
    }


def mutated(tree: Entries, chance: random.Random) -> Entries:
    found = dict(tree)
    for _ in range(chance.randint(1, 5)):
        name = chance.choice(PLACES)
        way = chance.choice(("edit", "remove", "link", "mode", "submodule"))
        if way == "remove":
            found.pop(name, None)
        else:
            mode = {"link": LINK, "mode": EXECUTABLE, "submodule": SUBMODULE}.get(way, FILE)
            found[name] = TreeEntry(mode=mode, oid=f"change {chance.random()}")
    found[f"{SUITE}/agent/main.py"] = TreeEntry(mode=FILE, oid=HARM)
    return found


def test_two_thousand_changes_at_random_reach_no_file_of_the_judge() -> None:
    listed = 0
    for seed in range(2_000):
        chance = random.Random(seed)
        before = a_tree(chance, 0.7)
        now = mutated(before, chance)
        territory = ground(before)
        items = changed_paths(before, now)
        candidate = candidate_entries(before, now, items, territory)
        for name in (*JUDGED, *SPELLINGS):
            assert candidate.get(name) == before.get(name), (seed, name)
        # The harm is what is run, whatever else the change brings: the base's judge sees it.
        assert candidate[f"{SUITE}/agent/main.py"].oid == HARM
        changes = [path_change(item, territory) for item in items]
        for item, change in zip(items, changes, strict=True):
            assert (change is not None) == (rule_of(item, territory).fate is Fate.JUDGE), seed
        listed += any(change is not None for change in changes)
    assert 1_000 < listed < 2_000


def test_around_an_honest_agent_only_what_a_rule_names_is_refused() -> None:
    for seed in range(500):
        chance = random.Random(seed)
        before = a_tree(chance, 0.7)
        now = dict(before)
        for name in chance.sample(OWN, k=chance.randint(1, len(OWN))):
            now[name] = TreeEntry(mode=FILE, oid=f"change {seed}")
        territory = ground(before)
        items = changed_paths(before, now)
        changes = [c for c in (path_change(item, territory) for item in items) if c is not None]
        # Beside a simulator nobody can say who reads the data of the suite's folder.
        assert {c.path for c in changes} <= {f"{SUITE}/agent/limits.json"}, seed
