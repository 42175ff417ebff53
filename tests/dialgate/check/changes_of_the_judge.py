"""Changes of a desk that would move, feed or weaken its judge, and what each is listed as."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.dialgate.check.surveyed import ANNS_KEY, CASES, GOLDEN, SUITE, Desk, a_case
from tests.integration.checkouts import git

if TYPE_CHECKING:
    from collections.abc import Callable

Attack = "Callable[[Desk], None]"


def setting(name: str, old: str, new: str) -> Callable[[Desk], None]:
    return lambda desk: desk.setting(name, old, new)


def agent_key(line: str) -> Callable[[Desk], None]:
    return setting("suite.toml", 'kind = "python"', f'kind = "python"\n{line}')


def track(name: str, text: str = "x") -> Callable[[Desk], None]:
    return lambda desk: desk.track(name, text)


def remove(name: str) -> Callable[[Desk], None]:
    return lambda desk: (desk.folder / name).unlink()


def link(name: str, target: str) -> Callable[[Desk], None]:
    def attack(desk: Desk) -> None:
        path = desk.folder / name
        if path.exists():
            path.unlink()
        path.symlink_to(target)
        git(desk.folder, "add", "-f", name)

    return attack


def gitlink(name: str) -> Callable[[Desk], None]:
    """A submodule of which only the commit's name is known, as a checkout leaves it."""

    def attack(desk: Desk) -> None:
        entry = f"160000,{'0123456789' * 4},{name}"
        git(desk.folder, "update-index", "--add", "--cacheinfo", entry)
        git(desk.folder, "commit", "-q", "-m", "change")
        (desk.folder / name).mkdir(parents=True)

    return attack


def name_that_is_no_text(desk: Desk) -> None:
    (desk.suite / "\udcff.json").write_text("x", "utf-8")
    git(desk.folder, "add", "-A")


def policy_that_is_ignored(desk: Desk) -> None:
    desk.write(".gitignore", "*.toml\n")
    desk.setting("policy.toml", "margin = 0.05", "margin = 0.5")


def cases_in_the_code(desk: Desk) -> None:
    """A hard link: git holds a copy, and the agent is run with it."""
    path = desk.suite / "agent" / "limits.json"
    path.unlink()
    path.hardlink_to(desk.folder / GOLDEN / "cases.jsonl")


def cases(*edited: dict[str, object]) -> Callable[[Desk], None]:
    return lambda desk: desk.write_cases(list(edited))


def edited(**expect: object) -> dict[str, object]:
    return a_case("c-1", expect={**CASES[0]["expect"], **expect})


JUDGES = 'schema = 1\n[judge.mine]\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "yes-1"\n'
CHANGES_OF_THE_JUDGE: dict[str, tuple[Callable[[Desk], None], str]] = {
    # suite.toml, key by key
    "another target": (setting("suite.toml", "main:respond", "main:other"), "agent.target"),
    "no process of its own": (agent_key('isolation = "none"'), "agent.isolation"),
    "another interpreter": (agent_key('interpreter = "python3"'), "agent.interpreter"),
    "another way to reach it": (
        setting("suite.toml", 'kind = "python"', 'kind = "http"\nurl = "http://127.0.0.1:1/"'),
        "agent.kind",
    ),
    "variables of the environment": (agent_key('env = ["GITHUB_TOKEN"]'), "agent.env"),
    "a file of variables": (agent_key('env_file = ".env"'), "agent.env_file"),
    "files of the checkout": (agent_key('needs = ["secrets/"]'), "agent.needs"),
    "the network": (agent_key('network = "loopback"'), "agent.network"),
    "folders of modules": (agent_key('pythonpath = ["../../lib"]'), "agent.pythonpath"),
    "the working folder": (agent_key('working_folder = "../.."'), "agent.working_folder"),
    "memory": (agent_key("memory_mb = 64"), "agent.memory_mb"),
    "tools over MCP": (agent_key("mcp = true"), "agent.mcp"),
    "fewer trials": (setting("suite.toml", "trials = 2", "trials = 1"), "lowers trials"),
    "more errors": (setting("suite.toml", "rate = 0.02", "rate = 0.5"), "max_infra_error_rate"),
    "a time limit": (setting("suite.toml", "trials = 2", "trials = 2\ntimeout_s = 1"), "timeout_s"),
    "no retries": (setting("suite.toml", "trials = 2", "trials = 2\nretries = 0"), "retries"),
    "deterministic": (
        setting("suite.toml", "trials = 2", "trials = 2\ndeterministic = true"),
        "declares the agent deterministic",
    ),
    "prices": (
        setting("suite.toml", "[agent]", "[prices]\ninput = 0\noutput = 0\n[agent]"),
        "prices.input",
    ),
    "what is redacted": (
        setting("suite.toml", "[agent]", '[redact]\npatterns = ["pay"]\n[agent]'),
        "redact.patterns",
    ),
    "secrets": (setting("suite.toml", "[agent]", '[secrets]\nenv = ["A"]\n[agent]'), "secrets.env"),
    "where trials are shared": (
        setting("suite.toml", "[agent]", '[cache]\nurl = "file:/tmp/x"\n[agent]'),
        "cache.url",
    ),
    "reads of real tools": (
        setting("suite.toml", "[agent]", '[tools]\nrecord_missing = ["look"]\n[agent]'),
        "tools.record_missing",
    ),
    "a quarantine": (
        lambda desk: desk.write(
            f"{SUITE}/suite.toml",
            (desk.suite / "suite.toml").read_text()
            + '[[quarantine]]\ncase = "c-1"\nowner = "e"\nreason = "r"\nuntil = 2999-01-01\n',
        ),
        "quarantines the case c-1",
    ),
    # policy.toml
    "a wider margin": (setting("policy.toml", "margin = 0.05", "margin = 0.5"), "margin"),
    "inconclusive passes": (setting("policy.toml", '"block"', '"allow"'), "inconclusive"),
    "another label": (
        setting("policy.toml", '["suite-change"]', '["suite-change", "runbook-change"]'),
        "adds the label",
    ),
    "fewer fresh trials": (
        setting("policy.toml", "confirm_trials = 4", "confirm_trials = 0"),
        "confirm_trials",
    ),
    "less to spend": (
        setting("policy.toml", "max_agent_calls = 100", "max_agent_calls = 9"),
        "max_agent_calls",
    ),
    "no money": (
        setting("policy.toml", "confirm_trials = 4", "confirm_trials = 4\nmax_cost_usd = 0.1"),
        "max_cost_usd",
    ),
    "a lower rung": (setting("policy.toml", "eval_success = 0.9", "eval_success = 0.1"), "ladder"),
    # actions.toml
    "read only": (
        setting("actions.toml", 'effect = "write"', 'effect = "read"'),
        "to be read only",
    ),
    "an escalation": (
        setting("actions.toml", 'effect = "write"', 'effect = "escalate"'),
        "changes the effect of pay",
    ),
    "reversible": (
        setting("actions.toml", "reversible = false", "reversible = true"),
        "reversible",
    ),
    "arguments that don't count": (
        lambda desk: desk.write(
            f"{SUITE}/actions.toml",
            (desk.suite / "actions.toml").read_text() + '[arguments.pay]\n"/amount" = "ignore"\n',
        ),
        "compares the arguments of pay",
    ),
    # cases
    "a case is gone from the critical ones": (
        cases(a_case("c-1", critical=False), CASES[1]),
        "takes back the mark critical",
    ),
    "nothing is forbidden": (cases(edited(forbid=[]), CASES[1]), "takes out what is forbidden"),
    "no check of the reply": (cases(edited(reply={}), CASES[1]), "a check of the reply"),
    "another way out": (cases(edited(alternatives=[[]]), CASES[1]), "adds an alternative"),
    # release.toml
    "prompts that are cases": (
        setting("release.toml", '"prompts/*.md"', '"prompts/*.md", "../../golden/desk/*.jsonl"'),
        "names golden/desk/cases.jsonl",
    ),
    "code that is the policy": (
        setting("release.toml", '"agent/*.py"', '"agent/*.py", "*.toml"'),
        "names suites/desk/policy.toml",
    ),
    "code that is let go": (
        setting("release.toml", '"agent/*.py"', '"agent/__init__.py"'),
        "no longer names suites/desk/agent/main.py",
    ),
    # paths
    "a named baseline": (
        track(f"{SUITE}/baseline.toml", 'schema = 1\nref = "x"\n'),
        "baseline.toml",
    ),
    "a judge of replies": (track(f"{SUITE}/judge.toml", JUDGES), "judge.toml"),
    "data beside the suite": (track(f"{SUITE}/world.json"), "adds world.json"),
    "data beside the cases": (track(f"{GOLDEN}/world.json"), "adds world.json"),
    "a suite in the suite": (
        track(f"{SUITE}/inner/suite.toml", 'schema = 1\nname = "x"\n'),
        "adds suite.toml",
    ),
    "another spelling": (track(f"{SUITE}/Policy.toml"), "adds Policy.toml"),
    "another spelling of the suite": (track(f"{SUITE}/SUITE.TOML"), "adds SUITE.TOML"),
    "a width that is folded": (track(f"{SUITE}/ｐolicy.toml"), "adds ｐolicy.toml"),
    "another spelling of the suite's folder": (
        track("Suites/Desk/new.toml"),
        "adds new.toml",
    ),
    "another spelling of the cases' folder": (
        track("GOLDEN/desk/cases.jsonl", "{}\n"),
        "adds cases.jsonl",
    ),
    "letters that look alike": (track(f"{SUITE}/poli\u0441y.toml"), "adds poli\u0441y.toml"),
    "a mark behind a name": (track(f"{SUITE}/policy.toml\u0301"), "adds policy.toml"),
    "a space without width": (track(f"{SUITE}/policy\u200b.toml"), "adds policy\u200b.toml"),
    "a name that is an option": (track(f"{SUITE}/--baseline"), "adds --baseline"),
    "a name of two lines": (track(f"{SUITE}/a\n::error::b"), "adds a\n::error::b"),
    "a name that is no text": (name_that_is_no_text, "adds \udcff.json"),
    "a repository in the suite": (gitlink(f"{SUITE}/inner"), "a link or a submodule"),
    "a repository in the code": (gitlink(f"{SUITE}/agent/inner"), "a link or a submodule"),
    "a repository of cases": (gitlink(f"{GOLDEN}/more"), "a link or a submodule"),
    "cases linked into the code": (
        link(f"{SUITE}/agent/lib", "../../../golden/desk"),
        "a link or a submodule",
    ),
    "planted trials in the suite": (track(f"{SUITE}/.dialgate/cache/x"), "adds x"),
    "a start of Python in the suite": (track(f"{SUITE}/sitecustomize.py"), "sitecustomize.py"),
    "tests' configuration in the suite": (track(f"{SUITE}/conftest.py"), "adds conftest.py"),
    "a project in the suite": (track(f"{SUITE}/pyproject.toml"), "adds pyproject.toml"),
    "modules from outside": (agent_key('pythonpath = ["../../../x"]'), "agent.pythonpath"),
    "the cases as what it needs": (agent_key('needs = ["../../golden"]'), "agent.needs"),
    "a policy that git is told to pass over": (
        policy_that_is_ignored,
        "raises gate.default.margin",
    ),
    "a linked policy": (link(f"{SUITE}/policy.toml", "agent/p.toml"), ""),
    "linked data in the suite": (link(f"{SUITE}/world", "../../golden"), "a link or a submodule"),
    "a prompt that is a link to a case": (
        link(f"{SUITE}/prompts/system.md", "../../../golden/desk/cases.jsonl"),
        "a link or a submodule",
    ),
    # runbook, owners, dial
    "no kill switch": (
        setting("runbook.toml", '[kill_switch]\nrun = "stop"\ntested_at = 2026-10-30\n', ""),
        "runbook-change: runbook.toml kill_switch.run",
    ),
    "a kill switch that does nothing": (setting("runbook.toml", '"stop"', '"true"'), "kill_switch"),
    "no owner": (setting("runbook.toml", 'product_owner = "Ann"\n', ""), "owners.product_owner"),
    "another owner": (setting("runbook.toml", '"Ann"', '"Eve"'), "owners.product_owner"),
    "no compensation": (
        setting("runbook.toml", '[compensation."pay"]\ntool = "look"\ncase = "c-1"\n', ""),
        "compensation.pay",
    ),
    "no rollback": (setting("runbook.toml", '[rollback]\nrelease = "main"\n', ""), "rollback"),
    "no runbook": (remove(f"{SUITE}/runbook.toml"), "runbook-change: suites/desk/runbook.toml"),
    "no owners": (remove(f"{SUITE}/owners.toml"), "runbook-change: owners.toml"),
    "another's key": (
        setting("owners.toml", f'"{ANNS_KEY}"', f'"{ANNS_KEY}", "{ANNS_KEY}EVE"'),
        "person.ann.keys",
    ),
    "one who left comes back": (
        setting("owners.toml", '"ann@example.org"', '"ann@example.org"\nleft = 2030-01-01'),
        "person.ann.left",
    ),
    "a mode without the ledger": (
        lambda desk: desk.write(
            f"{SUITE}/dial.toml",
            'schema = 1\n[class."pay"]\nmode = "on_the_loop"\nsince = 2026-11-01T09:00:00Z\n'
            'by = "Eve"\n',
        ),
        "runbook-change: dial.toml: moves pay without the ledger",
    ),
    "a ledger that is none": (track(f"{SUITE}/ledger.jsonl", "{}\n"), "breaks the chain"),
}
