"""Known defects that do not cost a certificate: by root cause, counted exactly, for a time.

A waiver that fits nothing, fits another number of cases than it says, or has expired makes the run fail: it has to be
looked at again. The files beside this one are named after the engines; an engine with many has a folder of that name for
those of the chapters beyond the core.
"""

from __future__ import annotations

import datetime as dt
import operator
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from conformance.compare import Status
from conformance.errors import SuiteFault
from conformance.record import Match, Record
from conformance.waivers.counted import load_counted

FOLDER = Path(__file__).parent
_WAIVABLE = (
    Status.FAIL,
    Status.ERROR,
)  # a crash or a hang says nothing about its cause, and an absent feature is no defect
_REQUIRED = frozenset({"id", "cause", "reason", "link", "count", "versions", "expires", "match"})


@dataclass(frozen=True)
class Waiver:
    """One root cause: the cases that show it, how many they are, in which versions, why it is no fault of the suite.

    `match` holds globs over case, requirement, dtype, level and the facets (operator, region, order, direction, …);
    all must fit, and of a list of globs one. `count` is the number of failing cases, for each profile where they differ.
    """

    id: str
    cause: str
    reason: str
    link: str
    count: int | Mapping[str, int]
    versions: str
    expires: dt.date
    match: Match
    devices: tuple[str, ...] = ("cpu", "cuda")
    counted: bool = False  # in a run of such a version and device, which makes it the one that speaks there

    def applies(self, version: str, profile: str, device: str) -> bool:
        """Whether it speaks of such a run at all."""
        known_profile = isinstance(self.count, int) or profile in self.count
        return known_profile and device in self.devices and in_range(version, self.versions)

    def expected(self, profile: str) -> int:
        """How many failing cases it speaks of."""
        return self.count if isinstance(self.count, int) else self.count[profile]

    def fits(self, record: Record) -> bool:
        """Whether a record is one of its cases."""
        return record.fits(self.match)


@dataclass(frozen=True)
class Use:
    """What a waiver did in a run; `problem` says why it cannot stand as it is."""

    waiver: Waiver
    count: int
    problem: str = ""

    def to_json(self) -> dict[str, Any]:
        w = self.waiver
        return {
            "id": w.id,
            "cause": w.cause,
            "reason": w.reason,
            "link": w.link,
            "versions": w.versions,
            "expires": w.expires.isoformat(),
            "count": self.count,
            "problem": self.problem,
        }


def _globs(patterns: str | Sequence[str]) -> Sequence[str]:
    return (patterns,) if isinstance(patterns, str) else patterns


def load_waivers(engine: str, *, folder: Path = FOLDER) -> tuple[Waiver, ...]:
    """The waivers of an engine that has a name of its own, and its counts for other versions and devices; none for others."""
    path = folder / f"{engine}.toml"
    if not engine.isidentifier() or not path.exists():
        return ()
    files = (path, *sorted((folder / engine).glob("*.toml")))
    waivers = tuple(w for file in files for w in _waivers_of(file, file.relative_to(folder).as_posix()))
    if len({w.id for w in waivers}) < len(waivers):
        raise SuiteFault(f"two waivers of waivers/{path.name} have one id; give each its own")
    return *waivers, *load_counted(engine, waivers, folder)


def _waivers_of(path: Path, name: str) -> list[Waiver]:
    try:
        table = tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        raise SuiteFault(f"waivers/{name} is no TOML: {error}") from None
    if set(table) - {"waiver"}:
        raise SuiteFault(f"waivers/{name} may hold [[waiver]] entries only, not {min(set(table) - {'waiver'})!r}")
    return [_waiver(entry, name) for entry in table.get("waiver", ())]


def _waiver(entry: Mapping[str, Any], file: str) -> Waiver:
    where = f"waiver {entry.get('id', '?')} of waivers/{file}"
    missing = _REQUIRED - set(entry)
    unknown = set(entry) - _REQUIRED - {"devices"}
    if missing or unknown:
        raise SuiteFault(f"{where} {'lacks' if missing else 'has the unknown entry'} {min(missing or unknown)!r}")
    _check_types(entry, where)
    return Waiver(**{**entry, "devices": tuple(entry.get("devices", Waiver.devices))})


def _check_types(entry: Mapping[str, Any], where: str) -> None:
    count = entry["count"]
    numbers = count.values() if isinstance(count, dict) else [count]
    if not all(type(n) is int and n > 0 for n in numbers):
        raise SuiteFault(f"{where}: count is a positive number of cases, or a table of them by profile, not {count!r}")
    if type(entry["expires"]) is not dt.date:
        raise SuiteFault(f"{where}: expires is a date such as 2027-01-31, not {entry['expires']!r}")
    if not entry["match"] or not all(_are_globs(v) for v in entry["match"].values()):
        raise SuiteFault(f"{where}: match is a table of globs, such as {{operator = 'pow'}}, not {entry['match']!r}")
    for name in ("id", "cause", "reason", "link", "versions"):
        if not isinstance(entry[name], str) or not entry[name].strip():
            raise SuiteFault(f"{where}: {name} is a text that says something, not {entry[name]!r}")
    in_range("0", entry["versions"])


def _are_globs(patterns: Any) -> bool:
    return isinstance(patterns, (str, list)) and bool(patterns) and all(isinstance(g, str) for g in _globs(patterns))


def apply_waivers(
    records: Iterable[Record],
    waivers: Sequence[Waiver],
    *,
    version: str,
    date: dt.date,
    profile: str,
    device: str,
    complete: bool,
) -> tuple[list[Record], tuple[Use, ...]]:
    """The records with the waived ones marked, and what each waiver did. Only a `complete` run can be counted."""
    applicable = [w for w in waivers if w.applies(version, profile, device)]
    applicable = [w for w in applicable if w.counted] or applicable
    valid = [w for w in applicable if date <= w.expires]
    tally = _Tally()
    marked = [tally.mark(record, valid) for record in records]
    uses = tuple(_use(w, tally.counts.get(w.id, 0), date, profile, complete=complete) for w in applicable)
    return marked, uses


@dataclass
class _Tally:
    counts: dict[str, int] = field(default_factory=dict)

    def mark(self, record: Record, waivers: Sequence[Waiver]) -> Record:
        if record.status not in _WAIVABLE:
            return record
        waiver = next((w for w in waivers if w.fits(record)), None)
        if waiver is None:
            return record
        self.counts[waiver.id] = self.counts.get(waiver.id, 0) + 1
        details = {**record.details, "was": str(record.status), "waiver": waiver.id}
        return replace(record, status=str(Status.WAIVED), details=details)


def unwaived(record: Record) -> Record:
    """The record as it was before a waiver was applied."""
    if record.status != Status.WAIVED:
        return record
    details = {k: v for k, v in record.details.items() if k not in ("was", "waiver")}
    return replace(record, status=record.details["was"], details=details)


def _use(waiver: Waiver, count: int, date: dt.date, profile: str, *, complete: bool) -> Use:
    expected = waiver.expected(profile)
    if date > waiver.expires:
        return Use(waiver, 0, f"waiver {waiver.id} expired on {waiver.expires}; renew or remove it")
    if complete and count == 0:
        return Use(waiver, 0, f"waiver {waiver.id} is unused: nothing that it fits fails any more; remove it")
    if complete and count != expected:
        return Use(waiver, count, f"waiver {waiver.id} speaks of {expected} cases, and {count} fail; look at it again")
    return Use(waiver, count)


# versions

_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}


def version_key(version: str) -> tuple[int, ...]:
    """The leading numbers of a version, without trailing zeros, so that 2.13 and 2.13.0+cpu are equal.

    >>> version_key("2.13.0+cpu")
    (2, 13)
    """
    numbers = [int(n) for n in re.match(r"\d+(\.\d+)*|", version).group().split(".") if n]  # type: ignore[union-attr]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def in_range(version: str, versions: str) -> bool:
    """Whether a version lies in a range such as ``>=2.13,<2.14``.

    >>> in_range("2.13.0+cpu", ">=2.13,<2.14"), in_range("2.14.1", ">=2.13,<2.14")
    (True, False)
    """
    for clause in versions.split(","):
        found = re.fullmatch(r"\s*(>=|<=|==|!=|>|<)\s*(\d+(?:\.\d+)*)\s*", clause)
        if found is None:
            raise SuiteFault(f"version range {versions!r} is not like '>=2.13,<2.14'")
        if not _COMPARISONS[found[1]](version_key(version), version_key(found[2])):
            return False
    return True
