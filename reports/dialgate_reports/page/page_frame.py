"""What each self-contained page has: escaping templates, its own style and script, a policy.

Knows how a page is held together; leaves what it says to `dialgate_reports.page.html` and
`dialgate_reports.graduation.graduation_page`.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from dialgate_evals.files.plain_text import printable, shorten


@cache
def page_template(name: str) -> Template:
    """The template; every text in it is escaped, and `shown` makes it printable and short."""
    environment = Environment(
        loader=PackageLoader("dialgate_reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["shown"] = lambda text, width=300: shorten(printable(str(text)), width)
    return environment.get_template(name)


@cache
def page_part(name: str) -> str:
    """A page's style or script as it stands in the file."""
    return (resources.files("dialgate_reports") / "templates" / name).read_text("utf-8")


def page_policy(style: str, script: str) -> str:
    """Nothing may be loaded, sent or run but the page's own style and script."""
    return (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    found = base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
    return f"sha256-{found}"
