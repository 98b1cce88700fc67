"""A challenge: operator cases whose inputs a third party's nonce decides, with truths and tolerances computed on the spot.

What is frozen can be learnt by heart; this cannot. The cases are of the classes of the frozen ones, their inputs are
a function of the nonce alone, and cases without a usable truth are counted and replaced. Needs python-flint.
"""

from __future__ import annotations

import importlib.util
import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache, partial
from itertools import chain, count, islice, zip_longest

from conformance.calibration.drawing import Draw, case_of, classes, draws, program_of
from conformance.caselist import LockedList, Selection, list_text, parse_list
from conformance.cases import MUST, Case
from conformance.engines.base import Engine
from conformance.errors import SuiteFault, UsageError
from conformance.oracles.judged import judged
from conformance.oracles.reasons import NoTruth

COUNT = 2000
"""The cases of a challenge, unless the classes that are selected are fewer."""
DTYPES = ("float64", "float32")
_BATCH = 64  # draws handed out at a time, so that few are wasted when enough are decided
_PATIENCE = 4  # draws for each case that is wanted, before a selection is held to have no truths
_LONGEST = 80


@dataclass(frozen=True)
class Challenge:
    """The redrawn cases, the list that they make, and the reasons of the draws that had no truth."""

    nonce: str
    cases: tuple[Case, ...] = field(repr=False)
    undecided: Mapping[str, int]

    @property
    def locked(self) -> LockedList:
        """The cases as a list with levels and digests. It is not official: nothing can be certified by it."""
        return parse_list(list_text(self.cases), f"challenge {self.nonce}", official=False)


def cases(nonce: str, select: Selection = Selection(), number: int | None = None) -> tuple[Case, ...]:  # noqa: B008 - frozen
    """The redrawn cases of a nonce, in this process; the same for the same nonce, selection and number.

    >>> [c.id for c in cases("a nonce", Selection(operators=("sin",)), 2)] == [
    ...     c.id for c in cases("a nonce", Selection(operators=("sin",)), 3)[:2]
    ... ]
    True
    """
    return challenge(nonce, select, number, processes=1).cases


def challenge(
    nonce: str,
    select: Selection = Selection(),  # noqa: B008 - frozen
    number: int | None = None,
    *,
    processes: int = 1,
    on_case: Callable[[Case], None] | None = None,
) -> Challenge:
    """The challenge of a nonce; the same for any number of processes. `number` may exceed the classes: they recur.

    *errors*: `UsageError` where python-flint is missing, the nonce is none, or nothing with a truth is selected.
    """
    _check(nonce)
    wanted = number or planned(select)
    found: list[Case] = []
    undecided: Counter[str] = Counter()
    for case in _redrawn(nonce, select, wanted, processes):
        if isinstance(case, str):
            undecided[case] += 1
        else:
            found.append(case)
            if on_case is not None:
                on_case(case)
        if len(found) == wanted:
            break
        if undecided.total() > _PATIENCE * max(wanted, _BATCH):
            raise UsageError(f"only {len(found)} of {wanted} cases have a truth; select more than this")
    if not any(case.level == MUST for case in found):
        raise UsageError("none of the selected cases is a must-case, and the others cost no engine anything")
    return Challenge(nonce, tuple(found), dict(sorted(undecided.items())))


def planned(select: Selection) -> int:
    """How many cases a challenge of this selection has: one of each class and dtype, and no more than `COUNT`."""
    matching = sum(_selected(draw, select) for dtype in DTYPES for draw in classes(dtype))
    if not matching:
        raise UsageError(f"no operator case is selected by {', '.join((*select.select, *select.operators))}")
    return min(COUNT, matching)


def _check(nonce: str) -> None:
    if not 0 < len(nonce) <= _LONGEST or not nonce.isprintable():
        raise UsageError(f"the nonce {nonce[:_LONGEST]!r} is not a text of 1 to {_LONGEST} printable characters")
    if importlib.util.find_spec("flint") is None:
        raise UsageError("a challenge computes its truths, for which python-flint is missing; install refgrad[corpus]")


def _selected(draw: Draw, select: Selection) -> bool:
    if select.operators and draw.operator not in select.operators:
        return False
    names = (draw.id, draw.requirement)
    return not select.select or any(fnmatchcase(name, glob) for glob in select.select for name in names)


def _redrawn(nonce: str, select: Selection, wanted: int, processes: int) -> Iterator[Case | str]:
    """Cases, or the reasons why they have no truth: both dtypes in turn, each operator and group before any recurs."""
    drawn = zip_longest(*(draws(dtype, nonce, partial(_selected, select=select)) for dtype in DTYPES))
    chosen = filter(None, chain.from_iterable(drawn))  # one dtype alone may be selected
    with ExitStack() as open_:
        pool = None
        if processes > 1:  # they share nothing with this process
            pool = open_.enter_context(ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")))
        for done in count(step=_BATCH):
            batch = list(islice(chosen, min(_BATCH, max(wanted - done, processes))))
            yield from map(_case, batch) if pool is None else pool.map(_case, batch, chunksize=4)


def _case(draw: Draw) -> Case | str:
    """The case of a draw with its truth, or the reason why there is none."""
    program = program_of(draw, _engine())
    try:
        return case_of(draw, program, judged(program, draw.dtype, draw.variation.group).expectations)
    except NoTruth as none:
        return none.reason
    except Exception as error:
        raise SuiteFault(f"the oracle broke on {draw.id} of {draw.seed}: {type(error).__name__}: {error}") from error


@cache
def _engine() -> Engine:
    """refgrad, which says what shapes come out, and nothing else."""
    from conformance.engines.refgrad import RefgradEngine

    return RefgradEngine()
