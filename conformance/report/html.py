"""The report as one HTML page that needs nothing else: style and script are inside, and no request leaves the page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from conformance.report.index import Entry
from conformance.report.model import Counts, Report

_COMMENT = re.compile(r"(  # .*)$", re.MULTILINE)


def page_html(report: Report) -> str:
    """The page of one engine."""
    return _environment().get_template("page.html").render(report=report, v=report.verdict)


def index_html(engines: Sequence[Entry], *, catalogue: bool = False, selfcheck: bool = False) -> str:
    """The page over all engines of a folder, beside which the catalogue and the suite's own score may lie."""
    return render("index.html", engines=engines, catalogue=catalogue, selfcheck=selfcheck)


def render(template: str, **values: Any) -> str:
    """A page of any template."""
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("conformance.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "code": code,
        "count": count,
        "share": share,
        "facts": facts,
        "paragraphs": paragraphs,
        "percent": percent,
    }
    environment.globals["total"] = total
    return environment


def code(text: str) -> Markup:
    """Source with its trailing comments set back, so that what must come out is seen at a glance."""
    return Markup(_COMMENT.sub(r'<span class="note">\1</span>', str(escape(text))))  # noqa: S704 - escaped on this line


def paragraphs(text: str) -> str:
    r"""A docstring's text with the breaks between its paragraphs only.

    >>> paragraphs("One\nsentence.\n\nAnother.")
    'One sentence.\n\nAnother.'
    """
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def count(number: int) -> str:
    r"""A whole number with thin spaces between thousands.

    >>> count(20480)
    '20\u202f480'
    """
    return f"{number:,}".replace(",", "\u202f")


def total(counts: Counts) -> int:
    """All of some counts together."""
    return sum(n for _, n in counts)


def share(counts: Counts) -> list[tuple[str, int, float]]:
    """The counts with their share of the whole in percent, for a bar."""
    whole = total(counts)
    return [(name, n, 100 * n / whole) for name, n in counts]


def percent(part: int, whole: int) -> str:
    """A share that is 100 % only when nothing is missing, and 0 % only when nothing is there.

    >>> percent(9999, 10000), percent(10000, 10000)
    ('99.9 %', '100 %')
    """
    if part in (0, whole):
        return "100 %" if whole and part else "0 %"
    return f"{min(max(100 * part / whole, 0.1), 99.9):.1f} %"


def facts(value: Any, name: str = "") -> list[tuple[str, str]]:
    """A nested mapping as flat rows: dotted name, text."""
    if isinstance(value, dict):
        return [row for k, v in value.items() for row in facts(v, f"{name}.{k}" if name else str(k))]
    if isinstance(value, list | tuple):
        return [(name, ", ".join(map(str, value)))]
    return [(name, str(value))]
