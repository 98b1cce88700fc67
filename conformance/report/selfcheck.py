"""The page over the suite's own score: kill table, rule mutants, harmless variants and other checkers, from stored data."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.errors import UsageError
from conformance.report.html import percent, render

FOLDER, DATA, PAGE, SUMMARY = "selfcheck", "selfcheck.json", "index.html", "README.md"
_NAMED = "named by behaviours"


@dataclass(frozen=True)
class Score:
    """How many of how many, and what of."""

    what: str
    found: int
    of: int
    note: str = ""

    @property
    def sentence(self) -> str:
        """The score in words, with its denominator."""
        note = f" ({self.note})" if self.note else ""
        return f"{self.what}: {self.found} of {self.of}, {percent(self.found, self.of)}{note}"


class Selfcheck:
    """Stored results, and what the page shows of them."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.faults: Sequence[Mapping[str, Any]] = data.get("faults", ())
        self.mutants: Mapping[str, Any] = data.get("mutants", {})
        self.variants: Sequence[Mapping[str, Any]] = data.get("variants", ())
        self.checkers: Mapping[str, Any] = data.get("checkers", {})

    @property
    def scores(self) -> list[Score]:
        """All scores of the parts that were run."""
        return [*self._of_faults(), *self._of_mutants(), *self._of_variants(), *self._of_checkers()]

    def _of_faults(self) -> Iterable[Score]:
        run = [f for f in self.faults if any(k["status"] != "not-run" for k in f["kills"])]
        if not run:
            return
        found = [f for f in run if is_found(f)]
        own = [f for f in run if f["family"] != _NAMED]
        open_ = ", ".join(f["name"] for f in run if not is_found(f))
        yield Score("planted faults found", len(found), len(run), open_ and f"not found: {open_}")
        yield Score("found by all that was named to find them", sum(map(is_found_as_named, run)), len(run))
        yield Score("of these, beyond what behaviours name", sum(map(is_found, own)), len(own))

    def _of_mutants(self) -> Iterable[Score]:
        if not self.mutants:
            return
        m, kinds = self.mutants, [s["kind"] for s in self.mutants["survivors"]]
        equivalent, unreached = kinds.count("equivalent"), kinds.count("unreached")
        reached = m["all"] - unreached - equivalent
        yield Score("rule mutants found", m["own"] + m["any"], m["all"] - equivalent, f"{equivalent} are equivalent")
        yield Score(
            "of those in rules that cases run through", m["own"] + m["any"], reached, f"{unreached} are not reached"
        )
        yield Score("by the cases of the row's own operator", m["own"], reached)

    def _of_variants(self) -> Iterable[Score]:
        if not self.variants:
            return
        quiet = [v for v in self.variants if not v["alarms"]]
        judged = sum(v["frozen"] + v["redrawn"] for v in self.variants)
        redrawn = sum(v["redrawn"] for v in self.variants)
        alarming = ", ".join(v["name"] for v in self.variants if v["alarms"])
        yield Score(
            "harmless variants without an alarm", len(quiet), len(self.variants), alarming and f"alarms: {alarming}"
        )
        alarms = sum(len(v["alarms"]) for v in self.variants)
        yield Score("judgements of them without an alarm", judged - alarms, judged, f"{redrawn} of challenges")

    def _of_checkers(self) -> Iterable[Score]:
        compared = self.checkers.get("compared", ())
        names = {c["fault"] for c in compared}
        if names and self.faults:
            found = sum(is_found(f) for f in self.faults if f["name"] in names)
            yield Score("wrong derivatives found by this suite", found, len(names))
        for checker, alarms in self.checkers.get("false_alarms", {}).items():
            found = sum(c["objected"][checker] for c in compared)
            note = f"{alarms} false alarms on {self.checkers['inputs']} inputs"
            yield Score(f"wrong derivatives found by {checker}", found, len(compared), note)

    @property
    def objections(self) -> Mapping[str, Mapping[str, bool]]:
        """By fault, which checker objected."""
        return {c["fault"]: c["objected"] for c in self.checkers.get("compared", ())}

    @property
    def checker_names(self) -> Sequence[str]:
        """The other checkers, in the order of their columns."""
        return tuple(self.checkers.get("false_alarms", ()))

    @property
    def families(self) -> list[tuple[str, list[Mapping[str, Any]]]]:
        """The faults by what kind of error they are, those that behaviours name last."""
        names = sorted({f["family"] for f in self.faults}, key=lambda name: (name == _NAMED, name))
        return [(name, [f for f in self.faults if f["family"] == name]) for name in names]


def is_found(fault: Mapping[str, Any]) -> bool:
    """Whether anything found it."""
    return any(k["case"] for k in fault["kills"])


def is_found_as_named(fault: Mapping[str, Any]) -> bool:
    """Whether all that was named to find it and was run did."""
    return is_found(fault) and all(k["case"] or k["status"] == "not-run" for k in fault["kills"])


def read_selfcheck(root: Path) -> Selfcheck:
    """What is stored below a folder of reports; *errors*: `UsageError` where nothing is."""
    path = root / FOLDER / DATA
    try:
        return Selfcheck(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise UsageError(f"no {path}; `conformance selfcheck --output {root}` writes it") from None


def write_selfcheck(root: Path, data: Mapping[str, Any]) -> Path:
    """Writes the data, the page and a summary; gives the page."""
    folder, found = root / FOLDER, Selfcheck(data)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DATA).write_text(json.dumps(data, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    (folder / PAGE).write_text(render("selfcheck.html", s=found, is_found=is_found), encoding="utf-8")
    (folder / SUMMARY).write_text(_summary(found), encoding="utf-8")
    return folder / PAGE


def _summary(found: Selfcheck) -> str:
    lines = [f"- {score.sentence}" for score in found.scores]
    holes = [f"- {f['name']}: {f['hole']}." for f in found.faults if f["hole"]]
    reasons = Counter(m["reason"] for m in found.mutants.get("survivors", ()) if m["kind"] == "hole")
    holes += [f"- {n} rule mutant{'s' if n > 1 else ''}: {reason}." for reason, n in sorted(reasons.items())]
    alarms = [f"- {v['name']}: {v['known']}." for v in found.variants if v["alarms"]]
    parts = ["# The suite, judged", "\n".join(lines)]
    parts += ["## Cases that are missing", "\n".join(holes)] if holes else []
    parts += ["## False alarms", "\n".join(alarms)] if alarms else []
    return "\n\n".join(parts) + "\n"
