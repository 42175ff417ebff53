"""axe-core in an open page: what it finds serious or critical, and what else spoils a look."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from tests.browser.chromium import LOOKS

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.chromium import Opened

# A finding's impact is its rule's: a rule of less is not asked, as its findings would not be told.
RUN = """async () => {
    const asked = axe._audit.rules.filter(
        rule => rule.enabled && !["minor", "moderate"].includes(rule.impact)
    );
    const options = { runOnly: asked.map(rule => rule.id), reporter: "no-passes" };
    return (await axe.run(document, options)).violations;
}"""


@cache
def _script() -> str:
    """The package that wraps axe-core for Python ships the script; only that is used."""
    return (resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8")


def serious_findings(page: Page) -> list[str]:
    """`rule: element: why` for each finding of impact serious or critical, of WCAG or not."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(_script())
    return [
        f"{rule['id']}: {' '.join(map(str, node['target']))}: {_why(node)}"
        for rule in page.evaluate(RUN)
        if rule["impact"] in {"serious", "critical"}
        for node in rule["nodes"]
    ]


def _why(node: dict[str, Any]) -> str:
    return "; ".join(check["message"] for key in ("any", "all", "none") for check in node[key])


def faults(opened: Opened) -> list[str]:
    """What axe finds serious, and a page wider than its window, in every look at the page."""
    found = []
    for name, (size, dark) in LOOKS.items():
        opened.look(size, dark=dark)
        found += [f"{name}: {finding}" for finding in serious_findings(opened.page)]
        if opened.overflow:
            found.append(f"{name}: scrolls sideways by {opened.overflow} pixels")
    return found
