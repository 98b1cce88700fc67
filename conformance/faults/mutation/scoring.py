"""The score over all rule mutants: which of the cases that run through the changed rule finds it first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from conformance.cases import MUST, Case
from conformance.compare import Status
from conformance.faults.kills import Hunt, Kill, hunted
from conformance.faults.mutation import RowMutant, SourceMutant, find_mutant, mutants
from conformance.faults.mutation.touching import touching

OWN, ANY = "its own operator", "any operator"
"""Whose cases find a mutant: those of the operator that the row is, or else any that run through what is changed."""
DTYPES = ("float64", "complex128")
_GROUPS = ("vjp", "jvp", "order2", "order3", "value")


def score(cases: Sequence[Case], *, workers: int | None = None) -> Iterator[Kill]:
    """A `Kill` for every mutant, found or not: by its own operator's cases where it has some, else by all others.

    Only cases of double precision count, since the mutants are the same in every other.
    """
    precise = [c for c in cases if c.dtype in DTYPES]
    runs = touching(precise)
    survivors = []
    for hunt, kill in _pursued(hunts(precise, runs, own=True), workers):
        if kill.killed:
            yield kill
        else:
            survivors.append(hunt[0])
    for hunt, kill in _pursued(hunts(precise, runs, own=False, names=set(survivors)), workers):
        reached = any(runs.get(place) for place in places(find_mutant(hunt[0])))
        yield kill if reached else replace(kill, status=Status.NOT_RUN.value, reason="no case runs through it")


def _pursued(chosen: Iterable[Hunt], workers: int | None) -> Iterator[tuple[Hunt, Kill]]:
    chosen = list(chosen)
    return zip(chosen, hunted(chosen, workers=workers), strict=True)


def hunts(
    cases: Sequence[Case], touched: Mapping[str, Sequence[str]], *, own: bool, names: Collection[str] | None = None
) -> Iterator[Hunt]:
    """Every mutant (or those named) with the cases that run through it, its own operator's or others', the likeliest first."""
    by_id = {case.id: case for case in cases}
    for mutant in mutants():
        if names is None or mutant.name in names:
            found = [by_id[i] for i in sorted({i for place in places(mutant) for i in touched.get(place, ())})]
            chosen = [c for c in found if (_last(_operator(c)) == _row(mutant)) is own]
            yield mutant.name, OWN if own else ANY, sorted(chosen, key=_likelihood)


def places(mutant: RowMutant | SourceMutant) -> tuple[str, ...]:
    """Where cases were seen to pass, as `touching` calls it."""
    if isinstance(mutant, SourceMutant):
        rule = mutant.function.rpartition(":")
        if rule[0]:  # rows may share the code of a rule, as all extrema do
            ends = ("pull" + rule[2],) if rule[2] != "push" else tuple(f"push{i}" for i in range(4))
            return tuple(f"{rule[0]}/{end}" for end in (*ends, *(("push" + rule[2],) if rule[2] != "push" else ())))
        return (mutant.function,)
    directions = ("pull", "push") if mutant.direction == "both" else (mutant.direction,)
    return tuple(f"{mutant.row}/{d}{mutant.argument}" for d in directions)


def _row(mutant: RowMutant | SourceMutant) -> str:
    name = mutant.row if isinstance(mutant, RowMutant) else mutant.function.partition(":")[0]
    return _last(name)


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _operator(case: Case) -> str:
    return (case.facets or {}).get("operator", "")


def _likelihood(case: Case) -> tuple[bool, int, int]:
    """Must-cases before the others, first order before higher ones, and ordinary inputs before the rest."""
    facets = case.facets or {}
    group = _GROUPS.index(facets["group"]) if facets else len(_GROUPS)
    return case.level != MUST, group, facets.get("region") != "ordinary"
