"""The atlas as a page and as Markdown: a table of the worst error in every region, and its course over the range."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from conformance.report.charts import error_chart
from conformance.report.html import _environment

PRIMES = ("f", "f′", "f″")
WORDS = ("value", "first derivative", "second derivative")
STEPS = (1.0, 2.0, 16.0, 1e3)
"""Borders of the colours, in ulp; beyond the last, what matters is whether a digit is right."""
_SPOILT = {"float64": 2.0**52, "float32": 2.0**23}  # ulp: as large as the number itself
PAGE, SUMMARY = "atlas.html", "atlas.md"

Line = Mapping[str, Any]


@dataclass(frozen=True)
class Cell:
    """The worst error in a region: its text, the step of its colour, and where it is."""

    text: str = ""
    step: int = -1
    where: str = ""


@dataclass(frozen=True)
class Row:
    """One function at one order: a cell for each region, or why there is none."""

    prime: str
    cells: tuple[Cell, ...]
    missing: str = ""


@dataclass(frozen=True)
class Entry:
    """One function in both dtypes."""

    name: str
    anchor: str
    operator: str
    rows: Mapping[str, tuple[Row, ...]]
    charts: Mapping[str, Markup]


@dataclass(frozen=True)
class Share:
    """How many of the regions of one order and dtype lie within two ulp, within sixteen, beyond, and without a right digit."""

    words: str
    dtype: str
    counts: tuple[int, int, int, int]

    @property
    def total(self) -> int:
        return sum(self.counts)


def write_atlas(folder: Path, head: Line, lines: Sequence[Line]) -> Path:
    """Writes atlas.html and atlas.md beside the data; gives the page."""
    entries = [_entry(name, [x for x in lines if x["curve"] == name], head) for name in _names(lines)]
    page = folder / PAGE
    title = f"{head['engine']} {head['version']}" + ("" if head["device"] == "cpu" else f" on {head['device']}")
    shown = {"title": title, "head": head, "entries": entries, "shares": shares(lines), "dtypes": _dtypes(lines),
             "points": sum(x["points"] for x in lines)}  # fmt: skip
    page.write_text(_environment().get_template("atlas.html").render(**shown), encoding="utf-8")
    (folder / SUMMARY).write_text(_markdown(title, lines), encoding="utf-8")
    return page


def summary(order: Line) -> str:
    """The worst error of one function and order, with its region.

    >>> summary({"worst": {"tiny": {"ulp": 0.61}, "-huge": {"ulp": 2300.0}}})
    '2300 ulp (-huge)'
    """
    if "missing" in order:
        return f"– ({order['missing']})"
    if not order["worst"]:
        return "–"
    region, worst = max(order["worst"].items(), key=lambda item: ulps(item[1]["ulp"]))
    if not worst["ulp"]:
        return "exact"
    return f"{number(worst['ulp'])} ulp ({region})"


def ulps(stored: float | str) -> float:
    """A stored error as a number."""
    return math.inf if isinstance(stored, str) else stored


def number(stored: float | str) -> str:
    """An error in as few characters as tell it.

    >>> number(0.5), number(12.4), number(1.234e9), number("inf")
    ('0.5', '12', '1e9', '∞')
    """
    value = ulps(stored)
    if math.isinf(value):
        return "∞"
    if value == 0:
        return "0"
    if value < 10:
        return f"{value:.1f}"
    if value < 1e4:
        return f"{value:.0f}"
    return f"1e{math.floor(math.log10(value))}"


def shares(lines: Sequence[Line]) -> list[Share]:
    """By dtype and order: how many regions of how many are how accurate."""
    found = []
    for dtype in _dtypes(lines):
        for k, words in enumerate(WORDS):
            worst = [
                ulps(w["ulp"]) for x in lines if x["dtype"] == dtype for w in x["orders"][k].get("worst", {}).values()
            ]
            spoilt = sum(w >= _SPOILT[dtype] for w in worst)
            two, sixteen = sum(w <= 2 for w in worst), sum(2 < w <= 16 for w in worst)
            found.append(Share(words, dtype, (two, sixteen, len(worst) - two - sixteen - spoilt, spoilt)))
    return found


def _names(lines: Sequence[Line]) -> list[str]:
    return list(dict.fromkeys(x["curve"] for x in lines))


def _dtypes(lines: Sequence[Line]) -> list[str]:
    return list(dict.fromkeys(x["dtype"] for x in lines))


def _entry(name: str, lines: Sequence[Line], head: Line) -> Entry:
    rows = {
        x["dtype"]: tuple(_row(k, o, x["dtype"], head["regions"]) for k, o in enumerate(x["orders"])) for x in lines
    }
    charts = {
        x["dtype"]: error_chart(
            name, x["dtype"], {k: o["profile"] for k, o in enumerate(x["orders"]) if "profile" in o}
        )
        for x in lines
    }
    return Entry(name, re.sub(r"\W+", "-", name).strip("-"), lines[0]["operator"], rows, charts)


def _row(k: int, order: Line, dtype: str, regions: Sequence[str]) -> Row:
    if "missing" in order:
        return Row(PRIMES[k], (), order["missing"])
    return Row(PRIMES[k], tuple(_cell(order["worst"].get(region), dtype) for region in regions))


def _cell(worst: Line | None, dtype: str) -> Cell:
    if worst is None:
        return Cell()
    value = ulps(worst["ulp"])
    step = sum(value > border for border in STEPS) + (value >= _SPOILT[dtype])
    said = worst["answer"]
    answer = repr(float.fromhex(said)) if said.lower().lstrip("-").startswith("0x") else said
    return Cell(number(worst["ulp"]), step, f"x = {float.fromhex(worst['x'])!r}: {answer}")


def _markdown(title: str, lines: Sequence[Line]) -> str:
    parts = [
        f"# Accuracy of {title}",
        "Worst error in units in the last place, with the region it is in. All regions: [atlas.html](atlas.html).",
    ]
    for dtype in _dtypes(lines):
        rows = [[x["curve"], *map(summary, x["orders"])] for x in lines if x["dtype"] == dtype]
        table = [["function", *WORDS], ["---"] * 4, *rows]
        parts += [f"## {dtype}", "\n".join("| " + " | ".join(row) + " |" for row in table)]
    return "\n\n".join(parts) + "\n"
