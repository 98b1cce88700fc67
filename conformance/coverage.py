"""Which of the cells that the operators' specifications call for are executed: operator × group × dtype × class.

A cell is one class of cases of one operator in one group and one dtype. Which cells there are follows from the specification
alone (`conformance.strategies.variations`), never from what happens to exist.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache, cached_property

from conformance.corpus.loader import case_id, load_states
from conformance.operators import specs
from conformance.strategies.variations import GROUPS, variations

NOT_RUN: Mapping[str, str] = {}
"""Patterns of case ids that are not run, each with its reason; the suite's own tests accept no others."""
DTYPES = ("float64", "float32", "complex128", "complex64")


@dataclass(frozen=True)
class Cell:
    """One place of the grid; `case` is the id that its case has, `state` what became of it."""

    operator: str
    group: str
    dtype: str
    name: str  # the class
    case: str
    state: str  # "executed", "undecided" or "not run"
    reason: str = ""


@dataclass(frozen=True)
class Grid:
    """The cells in order of operator, group, class and dtype."""

    cells: tuple[Cell, ...]

    @cached_property
    def executed(self) -> int:
        return sum(cell.state == "executed" for cell in self.cells)

    @property
    def share(self) -> float:
        """The executed part of the applicable cells."""
        return self.executed / len(self.cells) if self.cells else 1.0

    @property
    def missing(self) -> tuple[Cell, ...]:
        """What is not run without a reason."""
        return tuple(c for c in self.cells if c.state == "not run" and not c.reason)

    @property
    def reasons(self) -> Mapping[str, int]:
        """Why cells are not executed, the most frequent reason first."""
        found = Counter(_why(c) for c in self.cells if c.state != "executed")
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    def of(self, operator: str) -> Grid:
        """The cells of one operator."""
        return Grid(tuple(c for c in self.cells if c.operator == operator))

    def table(self, *keys: Callable[[Cell], str]) -> dict[tuple[str, ...], tuple[int, int]]:
        """Executed and applicable cells by these keys, in the order of the cells."""
        total: Counter[tuple[str, ...]] = Counter()
        done: Counter[tuple[str, ...]] = Counter()
        for cell in self.cells:
            place = tuple(key(cell) for key in keys)
            total[place] += 1
            done[place] += cell.state == "executed"
        return {place: (done[place], total[place]) for place in total}


def _why(cell: Cell) -> str:
    return f"{cell.state}: {cell.reason}" if cell.reason else cell.state


def grid(
    executed: Iterable[str], operators: Iterable[str] | None = None, undecided: Mapping[str, str] | None = None
) -> Grid:
    """The grid of a list of case ids, those of the corpus or those that a run judged; of all operators, or of these.

    `undecided` are the reasons of cases without a truth, by id.
    """
    done, undecided = frozenset(executed), undecided or {}
    names = sorted(specs() if operators is None else set(operators) & set(specs()))
    return Grid(tuple(_cell(place, done, undecided) for name in names for place in applicable(name)))


@cache
def applicable(operator: str) -> tuple[tuple[str, str, str, str, str], ...]:
    """Operator, group, dtype, class and case id of every cell that the operator's specification calls for."""
    return tuple(
        (operator, v.group, dtype, v.name, case_id({"facets": v.facets, "key": v.key(dtype), "dtype": dtype}))
        for v in sorted(variations(specs()[operator]), key=lambda v: (GROUPS.index(v.group), v.name))
        for dtype in v.dtypes
    )


def _cell(place: tuple[str, str, str, str, str], done: frozenset[str], undecided: Mapping[str, str]) -> Cell:
    case = place[-1]
    if case in done:
        return Cell(*place, state="executed")
    if case in undecided:
        return Cell(*place, state="undecided", reason=undecided[case])
    return Cell(*place, state="not run", reason=next((r for p, r in NOT_RUN.items() if fnmatchcase(case, p)), ""))


def corpus_grid() -> Grid:
    """The grid of the frozen corpus."""
    states = load_states()
    return grid((case for case, reason in states.items() if not reason), undecided=states)
