"""The same causes in another version or on another device: how many cases each has there, in a small file of its own.

What a cause is, and which cases show it, stands once, beside the engine's other waivers. A file ``counted/torch-2.11-cuda.toml``
holds nothing but numbers, counted in one complete run by `conformance waivers`; for such runs it takes the place of the counts
beside the causes, and is held to as exactly. A cause that it does not name has no case there.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.compare import Status
from conformance.errors import SuiteFault
from conformance.record import Record

if TYPE_CHECKING:
    from conformance.waivers import Waiver

FOLDER = "counted"
_COUNTABLE = (Status.FAIL, Status.ERROR, Status.BLOCKED)  # what is blocked in a run without the waiver failed itself


def load_counted(engine: str, waivers: Sequence[Waiver], folder: Path) -> tuple[Waiver, ...]:
    """The waivers with the counts, versions and device of every file about the engine."""
    return tuple(w for path in sorted((folder / FOLDER).glob(f"{engine}-*.toml")) for w in _counted(path, waivers))


def _counted(path: Path, waivers: Sequence[Waiver]) -> list[Waiver]:
    table = _read(path)
    by_cause: dict[str, dict[str, int]] = {}
    for profile, counts in table["count"].items():
        for cause, count in counts.items():
            by_cause.setdefault(cause, {})[profile] = count
    known = {w.id: w for w in waivers}
    unknown = sorted(by_cause.keys() - known)
    if unknown:
        raise SuiteFault(
            f"waivers/{FOLDER}/{path.name} counts {unknown[0]!r}, which is no cause of {path.name.partition('-')[0]}.toml"
        )
    return [
        replace(known[cause], count=counts, versions=table["versions"], devices=(table["device"],), counted=True)
        for cause, counts in by_cause.items()
    ]


def _read(path: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise SuiteFault(f"waivers/{FOLDER}/{path.name} is no TOML: {error}") from None
    counts = [n for of_profile in table.get("count", {}).values() for n in of_profile.values()]
    if table.keys() != {"versions", "device", "count"} or not all(type(n) is int and n > 0 for n in counts):
        raise SuiteFault(
            f"waivers/{FOLDER}/{path.name} holds versions, device, and for each profile a table [count.PROFILE] of causes "
            "with positive numbers of cases, and nothing else"
        )
    return table


def count_causes(records: Iterable[Record], waivers: Sequence[Waiver]) -> tuple[dict[str, int], list[Record]]:
    """How many failing cases each cause fits, in the order of the causes, and the failing cases that none fits."""
    counts: Counter[str] = Counter()
    unexplained = []
    for record in (r for r in records if r.status in _COUNTABLE):
        cause = next((w.id for w in waivers if w.fits(record)), None)
        if cause is None:
            unexplained.append(record)
        else:
            counts[cause] += 1
    return {w.id: counts[w.id] for w in waivers if counts[w.id]}, unexplained


def write_counts(engine: str, version: str, device: str, profile: str, counts: Mapping[str, int], folder: Path) -> Path:
    """Writes the counts of a profile, beside those of others, into the file about the version and device; gives its path."""
    major, minor = (*version.split("."), "0")[:2]
    path = folder / FOLDER / f"{engine}-{major}.{minor}-{device}.toml"
    tables = _read(path)["count"] if path.exists() else {}
    tables |= {profile: counts}
    text = f"# The causes of {engine}.toml, counted by `conformance waivers` in {engine} {version} on {device}.\n\n"
    text += f'versions = ">={major}.{minor},<{major}.{int(minor) + 1}"\ndevice = "{device}"\n'
    for name, of_profile in sorted(tables.items()):
        text += f"\n[count.{name}]\n" + "".join(f"{cause} = {n}\n" for cause, n in of_profile.items())
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
