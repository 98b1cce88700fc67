"""Rule mutants: every row of refgrad's derivative table made wrong by machine, and the cases that run through it."""

from __future__ import annotations

from conformance.faults.mutation.rows import RowMutant, row_mutants
from conformance.faults.mutation.sources import SourceMutant, source_mutants

__all__ = ["RowMutant", "SourceMutant", "find_mutant", "mutants"]


def mutants() -> list[RowMutant | SourceMutant]:
    """All of them, in the same order each time."""
    return [*row_mutants(), *source_mutants()]


def find_mutant(name: str) -> RowMutant | SourceMutant:
    """The mutant of this name; *errors*: `KeyError`."""
    where, change = name.removeprefix("mutant:").rsplit("/", 1)
    target, place = where.rsplit("/", 1)
    if place.startswith("source"):
        return SourceMutant(target, int(place.removeprefix("source")), change)
    direction = place.rstrip("0123456789")
    return RowMutant(target, int(place.removeprefix(direction)), direction, change)
