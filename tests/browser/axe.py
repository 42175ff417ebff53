"""axe-core in an open page: what it finds serious or critical."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page


@cache
def _script() -> str:
    """The package that wraps axe-core for Python ships the script; only that is used."""
    return (resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8")


def serious_findings(page: Page) -> list[str]:
    """`rule: element` for each finding of impact serious or critical, WCAG A and AA and the rest.

    `page` must be of a context that bypasses the page's own Content-Security-Policy.
    """
    page.evaluate(_script())
    found = page.evaluate("async () => (await axe.run(document)).violations")
    return [
        f"{rule['id']}: {' '.join(map(str, node['target']))} {node['failureSummary']}"
        for rule in found
        if rule["impact"] in {"serious", "critical"}
        for node in rule["nodes"]
    ]
