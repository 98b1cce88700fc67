"""Locked lists: the cases that a full run is held to, each with its level and a digest of all that it asks and expects.

A list is hashed in turn in the corpus' lock, so that neither a case nor the list can change unnoticed.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from conformance.cases import MAY, MUST, SHOULD, Case
from conformance.codec import canonical_json, encode_literal
from conformance.compare import Expectation
from conformance.corpus.store import FOLDER, LOCK
from conformance.errors import CorpusError
from conformance.profiles import (
    DEFAULT_PROFILE,
    DEVICES,
    PROFILES,
    Profile,
    Selection,
    all_cases,
    check_names,
    choose,
    in_profile,
    is_operator_case,
    profile_cases,
    requirement_of,
)

__all__ = [
    "DEFAULT_PROFILE",
    "DEVICES",
    "PROFILES",
    "Entry",
    "LockedList",
    "Profile",
    "Selection",
    "all_cases",
    "case_digest",
    "check_list",
    "choose",
    "is_operator_case",
    "list_text",
    "load_list",
    "lock_lists",
    "locked_from",
    "parse_list",
    "profile_cases",
    "requirement_of",
]


@dataclass(frozen=True)
class Entry:
    """One line of a locked list."""

    level: str
    sha256: str


@dataclass(frozen=True)
class LockedList:
    """The cases that a certificate of one profile on one class of device is computed over."""

    name: str
    entries: Mapping[str, Entry]
    sha256: str
    lock_sha256: str
    official: bool = True

    @cached_property
    def requirements(self) -> Mapping[str, str]:
        """Every requirement of the list with its level."""
        return {requirement_of(case_id): entry.level for case_id, entry in self.entries.items()}


def case_digest(case: Case) -> str:
    """The SHA-256 of all that a case asks and expects, in hexadecimal."""
    content = {
        "requirement": case.requirement,
        "needs": sorted(case.needs),
        "program": case.program.to_json() if case.program is not None else _source(case.function),
        "expectations": [_expectation(e) for e in case.expectations],
    }
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()


def _source(function: str) -> str:
    """The text of a namespace case, which is its program and its expectations in one."""
    module, _, name = function.partition(":")
    found: Any = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    return inspect.getsource(found)


def _expectation(e: Expectation) -> dict[str, Any]:
    """Every field that says something: one that is added later changes no digest by its default."""
    encoded = {f.name: (encode_literal(getattr(e, f.name)), f.default) for f in fields(e)}
    return {
        name: value
        for name, (value, default) in encoded.items()
        if default is MISSING or value != encode_literal(default)
    }


def list_text(cases: Iterable[Case]) -> str:
    """A locked list as text: id, level and digest of each case, separated by tabs, sorted by id."""
    ordered = sorted(cases, key=lambda case: case.id)
    return "".join(f"{case.id}\t{case.level}\t{case_digest(case)}\n" for case in ordered)


def parse_list(text: str, name: str, *, lock_sha256: str = "", official: bool = True) -> LockedList:
    """The locked list of this text."""
    entries = {}
    for line in text.splitlines():
        fields = line.split("\t")
        if len(fields) != 3 or fields[1] not in (MUST, SHOULD, MAY):
            raise CorpusError(f"locked list {name} has the line {line[:80]!r}; {_RESTORE}")
        entries[fields[0]] = Entry(fields[1], fields[2])
    return LockedList(name, entries, hashlib.sha256(text.encode()).hexdigest(), lock_sha256, official)


def locked_from(cases: Iterable[Case], name: str = "these cases") -> LockedList:
    """A list of any cases, for tests and planted faults. It is not official: nothing can be certified by it."""
    return parse_list(list_text(cases), name, official=False)


_RESTORE = "restore conformance/corpus as released, or after a deliberate change run `conformance corpus lock`"


def load_list(profile: str, device: str = "cpu", *, corpus: Path = FOLDER) -> LockedList:
    """The locked list of a profile on a class of device, after comparing it with the lock."""
    check_names(profile, device)
    name = f"{profile}-{device}"
    lock, lock_sha256 = _read_lock(corpus, device)
    try:
        raw = (corpus / "lists" / f"{name}.txt").read_bytes()
    except OSError:
        raise CorpusError(f"locked list {name} is missing; {_RESTORE}") from None
    if hashlib.sha256(raw).hexdigest() != lock.get("lists", {}).get(name):
        raise CorpusError(f"locked list {name} is not what the lock says it is; {_RESTORE}")
    return parse_list(raw.decode(), name, lock_sha256=lock_sha256)


def lock_name(device: str) -> str:
    """The file that holds the digests of a class of device's lists; each its own, so that results of one stay valid
    when lists of another are locked.

    >>> lock_name("cpu"), lock_name("cuda")
    ('lock.json', 'lock-cuda.json')
    """
    return LOCK if device == "cpu" else f"lock-{device}.json"


def _read_lock(corpus: Path, device: str = "cpu") -> tuple[dict[str, Any], str]:
    try:
        raw = (corpus / lock_name(device)).read_bytes()
        lock = json.loads(raw)
    except OSError:
        raise CorpusError(f"the lock of the corpus is missing; {_RESTORE}") from None
    except ValueError:
        raise CorpusError(f"the lock of the corpus is no JSON; {_RESTORE}") from None
    if not isinstance(lock, dict) or not isinstance(lock.get("lists", {}), dict):
        raise CorpusError(f"the lock of the corpus does not hold what it should; {_RESTORE}")
    return lock, hashlib.sha256(raw).hexdigest()


def check_list(locked: LockedList, cases: Iterable[Case], *, partial: bool = False) -> None:
    """Compares the cases at hand with the list: the same ids, levels and digests, no more and, unless they are a part
    of the list only, no fewer.
    """
    present = {case.id: case for case in cases}
    for case_id in locked.entries if not partial else ():
        if case_id not in present:
            raise CorpusError(f"case {case_id} of locked list {locked.name} is missing; {_RESTORE}")
    for case_id, case in present.items():
        entry = locked.entries.get(case_id)
        if entry is None:
            raise CorpusError(f"case {case_id} is not in locked list {locked.name}; {_RESTORE}")
        if entry != Entry(case.level, case_digest(case)):
            raise CorpusError(f"case {case_id} is not what locked list {locked.name} says it is; {_RESTORE}")


def lock_lists(cases: Sequence[Case] | None = None, *, corpus: Path = FOLDER) -> dict[str, str]:
    """Writes the locked list of every profile and class of device, and their digests into the lock; gives these."""
    found = all_cases(device="cuda") if cases is None else sorted(cases, key=lambda case: case.id)
    lines = {case.id: list_text([case]) for case in found}
    digests = {}
    (corpus / "lists").mkdir(parents=True, exist_ok=True)
    for device in DEVICES:
        locked = {f"{p}-{device}": in_profile(found, p, device) for p in PROFILES}
        written = {name: _write_list(corpus, name, [lines[c.id] for c in chosen]) for name, chosen in locked.items()}
        path = corpus / lock_name(device)
        lock = _read_lock(corpus, device)[0] if path.exists() else {"format": 1}
        path.write_text(json.dumps(lock | {"lists": written}, indent=1, sort_keys=True) + "\n")
        digests |= written
    return digests


def _write_list(corpus: Path, name: str, lines: Sequence[str]) -> str:
    """Writes one list; gives its digest."""
    raw = "".join(lines).encode()
    (corpus / "lists" / f"{name}.txt").write_bytes(raw)
    return hashlib.sha256(raw).hexdigest()
