"""Every case that there is, and the parts of them that have a name: profiles, and selections made for one run."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from itertools import pairwise
from pathlib import Path
from typing import Any

from conformance import catalogue, operators
from conformance.cases import FUNCTIONAL, Case
from conformance.codec import HALVES
from conformance.compare import Expectation
from conformance.corpus import loader
from conformance.corpus.store import COPIES, FOLDER, LOCK
from conformance.errors import SuiteFault, UsageError

DEVICES = ("cpu", "cuda")
"""The classes of device that have a locked list."""
DEFAULT_PROFILE = "imperative"
_BEYOND_IMPERATIVE = frozenset({"cuda", "sparse", "autocast", "distributions", "library", "compile"})
_LESS = f"less those that need {', '.join(sorted(_BEYOND_IMPERATIVE))}"


@dataclass(frozen=True)
class Profile:
    """A named set of behaviours, operators and features that a certificate is about."""

    name: str
    statement: str
    accepts: Callable[[Case, str], bool]
    """Whether a case belongs to it on a class of device."""


def is_operator_case(case: Case) -> bool:
    """Whether the case is about an operator, and not a documented behaviour."""
    return case.id.startswith("op/")


def _is_beyond(case: Case, device: str) -> bool:
    """Whether the case needs what only the profile `full` asks for, and the device at hand is not."""
    return not is_operator_case(case) and bool(case.features & (_BEYOND_IMPERATIVE - {device}))


PROFILES: Mapping[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile(
            "functional",
            f"documented behaviours that mean something to a functional engine, {_LESS}; and operators",
            lambda case, device: (
                is_operator_case(case) or (case.profile == FUNCTIONAL and not _is_beyond(case, device))
            ),
        ),
        Profile(
            "imperative",
            f"documented behaviours {_LESS}; and operators",
            lambda case, device: not _is_beyond(case, device),
        ),
        Profile(
            "full",
            "every documented behaviour and every operator, on a device that has them",
            lambda _case, _device: True,
        ),
    )
}


# selections


@dataclass(frozen=True)
class Selection:
    """A part of a profile: globs over case ids and requirements, operators by name. What is in both kinds is meant."""

    select: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.select or self.operators)

    @property
    def chapters(self) -> frozenset[str]:
        """The chapters of operators that it can mean: the others need not be read.

        >>> sorted(Selection(("accumulation.*",)).chapters), sorted(Selection(("op/sin/*",), ("mean",)).chapters)
        ([], ['elementary', 'reduction'])
        """
        known = operators.specs()
        if not self or not known.keys() >= set(self.operators):  # a name that there is not: all are at hand to say so
            return frozenset(operators.CHAPTERS)
        return frozenset(spec.chapter for name, spec in known.items() if name in self.operators or self._may_mean(name))

    def _may_mean(self, operator: str) -> bool:
        """Whether a glob, up to its first wildcard, can be the beginning of a case of the operator, or goes beyond it."""
        fixed = [re.split(r"[*?[]", pattern)[0] for pattern in self.select]
        starts = f"op/{operator}/", f"operator.{operator}."
        return any(start.startswith(f) or f.startswith(start) for f in fixed for start in starts)

    def to_json(self) -> dict[str, list[str]]:
        return {"select": list(self.select), "operators": list(self.operators)}


# the cases


def all_cases(selection: Selection = Selection(), *, device: str = "cpu") -> list[Case]:
    """Every case that there is, of the catalogue and of the frozen corpus, sorted by id; on cuda its copies in 16 bits too.

    Of the corpus, which takes seconds to read, only the chapters that the selection can mean.
    """
    folders = (FOLDER,) if device == "cpu" else (FOLDER, FOLDER / COPIES)
    frozen = [case for folder in folders for case in _corpus_cases(folder, selection.chapters)]
    cases = sorted([*_catalogue_cases(), *frozen], key=lambda case: case.id)
    for one, following in pairwise(cases):
        if one.id == following.id:
            raise SuiteFault(f"two cases are called {one.id}; an id names one case for ever")
    return [case for case in cases if case.program is not None or case.function]


def _catalogue_cases() -> list[Case]:
    """The documented behaviours' cases, with the tolerances that were frozen for their computed values."""
    cases = catalogue.load()
    tolerances = loader.load_tolerances() if _is_locked() else {}
    return [_with_tolerances(case, tolerances) for case in cases] if tolerances else cases


def _with_tolerances(case: Case, tolerances: Mapping[str, Mapping[str, Any]]) -> Case:
    found = tolerances.get(case.program.digest, {}) if case.program is not None else {}
    if not found:
        return case
    return replace(case, expectations=tuple(_with_tolerance(e, found.get(e.read)) for e in case.expectations))


def _with_tolerance(e: Expectation, tolerance: Any) -> Expectation:
    return replace(e, tolerance=tolerance) if e.tolerance is None and tolerance is not None else e


def _corpus_cases(folder: Path, chapters: Collection[str]) -> list[Case]:
    return loader.load_cases(folder, chapters=chapters) if _is_locked(folder) else []


def _is_locked(folder: Path = FOLDER) -> bool:
    """Whether anything is frozen yet; without a lock `load_list` refuses, so that its absence certifies nothing."""
    return (folder / LOCK).exists()


def profile_cases(
    profile: str,
    device: str = "cpu",
    selection: Selection = Selection(),
) -> list[Case]:
    """The cases of a profile that make sense on a class of device, sorted by id; as `all_cases`, of all those that the
    selection can mean.
    """
    check_names(profile, device)
    return in_profile(all_cases(selection, device=device), profile, device)


def in_profile(cases: Iterable[Case], profile: str, device: str) -> list[Case]:
    """Those of the cases that a profile holds on a class of device, in their order."""
    accepts = PROFILES[profile].accepts
    return [case for case in cases if accepts(case, device) and (device != "cpu" or not _needs_cuda(case))]


def _needs_cuda(case: Case) -> bool:
    return case.dtype in HALVES if is_operator_case(case) else "cuda" in case.features


def check_names(profile: str, device: str) -> None:
    """Refuses a profile or device that there is not, in one line."""
    if profile not in PROFILES:
        raise UsageError(f"no profile {profile!r}: {_near(profile, PROFILES)}")
    if device not in DEVICES:
        raise UsageError(f"no device {device!r}: {_near(device, DEVICES)}")


def _near(name: str, known: Iterable[str]) -> str:
    known = list(known)
    found = difflib.get_close_matches(name, known, 1)
    return f"did you mean {found[0]!r}?" if found else f"there are {', '.join(known)}"


def requirement_of(case_id: str) -> str:
    """The requirement that a case is about, from its id alone.

    >>> requirement_of("op/sin/vjp/ordinary/0a1b2c3d@float64")
    'operator.sin.vjp'
    >>> requirement_of("accumulation.backward-twice-adds/in_a_loop@float32")
    'accumulation.backward-twice-adds'
    """
    parts = case_id.partition("@")[0].split("/")
    return f"operator.{parts[1]}.{parts[2]}" if parts[0] == "op" and len(parts) > 2 else parts[0]


def choose(cases: Sequence[Case], selection: Selection) -> list[Case]:
    """The selected cases; each glob and operator must match something, since a slip of the pen is no selection."""
    names = {case.facets["operator"] for case in cases if case.facets and "operator" in case.facets}
    for name in selection.operators:
        if name not in names:
            raise UsageError(
                f"no cases of an operator {name!r}: {_near(name, sorted(names)) if names else 'none is frozen'}"
            )
    for pattern in selection.select:
        if not any(_matches(case, pattern) for case in cases):
            raise UsageError(f"nothing matches {pattern!r}: it is a glob over case ids; see `conformance list cases`")
    return [case for case in cases if _is_selected(case, selection)]


def _is_selected(case: Case, selection: Selection) -> bool:
    named = not selection.operators or (case.facets or {}).get("operator") in selection.operators
    return named and (not selection.select or any(_matches(case, pattern) for pattern in selection.select))


def _matches(case: Case, pattern: str) -> bool:
    return fnmatchcase(case.id, pattern) or fnmatchcase(case.requirement, pattern)
