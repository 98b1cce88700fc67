"""False alarms, measured: right engines judged on thousands of cases that were drawn afresh."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice, zip_longest

from conformance.calibration.drawing import SEED, draws
from conformance.calibration.findings import Finding, explained, findings
from conformance.calibration.measuring import ENGINES, Measured, Outcome, measure

DTYPES = ("float64", "float32")
CASES = 3000
"""Decided cases of each dtype, at least, for a statement about false alarms."""
_SPECTRAL = ("linalg", "spectral")
_BATCH = 64  # draws handed out at a time, so that few are wasted when enough are decided


@dataclass
class Row:
    """One engine, dtype and assertion group: how often and how far it was off."""

    cases: int = 0
    worst: float = 0.0
    share: float = 0.0
    inaccurate: int = 0
    permitted: int = 0
    findings: int = 0
    alarms: list[Outcome] = field(default_factory=list)


@dataclass
class Calibration:
    """Everything that a calibration has measured."""

    seed: int
    cases: Counter[str] = field(default_factory=Counter)  # decided ones, by dtype
    undecided: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)  # reasons by dtype and group
    drawn: Counter[tuple[str, str]] = field(default_factory=Counter)
    nonlinear: Counter[str] = field(default_factory=Counter)  # draws and undecided ones outside linear algebra, float64
    rows: dict[tuple[str, str, str], Row] = field(default_factory=dict)  # by engine, dtype and group
    findings: dict[tuple[str, Finding], int] = field(default_factory=Counter)

    @property
    def alarms(self) -> list[tuple[str, Outcome]]:
        """What is wrong by the suite's judgement and not explained by a finding: engine and case."""
        return [(engine, o) for (engine, _d, _g), row in self.rows.items() for o in row.alarms]

    def short_of(self, wanted: int = CASES) -> list[str]:
        """The dtypes with too few decided cases to say anything."""
        return [dtype for dtype in DTYPES if self.cases[dtype] < wanted]


def calibrate(
    *,
    seed: int = SEED,
    cases: int = CASES,
    processes: int = 2,
    engines: Sequence[str] = ENGINES,
    on_case: Callable[[Outcome], None] | None = None,
) -> Calibration:
    """Judges the engines on that many decided cases of each dtype; the same for any number of processes."""
    done = Calibration(seed)
    known = {engine: findings(engine) for engine in engines}
    for dtype, outcome in _outcomes(done, seed, cases, processes, engines):
        _count(done, dtype, outcome, known)
        if on_case is not None:
            on_case(outcome)
    return done


def _outcomes(
    done: Calibration, seed: int, cases: int, processes: int, engines: Sequence[str]
) -> Iterator[tuple[str, Outcome]]:
    """The outcomes of both dtypes in turn, until enough of each are decided."""
    pools = {dtype: draws(dtype, seed) for dtype in DTYPES}
    task = partial(measure, engines=tuple(engines))
    with _pool(processes) as pool:
        while pending := [d for d in DTYPES if done.cases[d] < cases]:
            batches = [list(islice(pools[d], min(_BATCH, cases - done.cases[d]))) for d in pending]
            batch = [d for d in chain.from_iterable(zip_longest(*batches)) if d is not None]
            found = map(task, batch) if pool is None else pool.map(task, batch, chunksize=4)
            yield from zip((d.dtype for d in batch), found, strict=True)


def _pool(processes: int) -> AbstractContextManager[ProcessPoolExecutor | None]:
    """Processes that share nothing with this one; none where it works alone."""
    return ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) if processes > 1 else nullcontext()


def _count(done: Calibration, dtype: str, outcome: Outcome, known: dict[str, tuple[Finding, ...]]) -> None:
    done.drawn[dtype, outcome.group] += 1
    outside = dtype == "float64" and outcome.chapter not in _SPECTRAL
    done.nonlinear["drawn"] += outside
    if outcome.undecided:
        done.undecided.setdefault((dtype, outcome.group), Counter())[outcome.undecided] += 1
        done.nonlinear["undecided"] += outside
        return
    done.cases[dtype] += 1
    for engine, measured in outcome.measured.items():
        row = done.rows.setdefault((engine, dtype, outcome.group), Row())
        _add(done, row, engine, outcome, measured, known[engine])


def _add(
    done: Calibration, row: Row, engine: str, outcome: Outcome, measured: Measured, known: tuple[Finding, ...]
) -> None:
    record = measured.record
    row.cases += 1
    row.inaccurate += record.grade == "inaccurate"
    row.permitted += record.status == "permitted"
    if record.status in ("pass", "permitted"):
        if record.grade != "inaccurate" and record.status == "pass":
            row.worst, row.share = max(row.worst, measured.ratio), max(row.share, measured.share)
        return
    finding = explained(record, known)
    if finding is None:
        row.alarms.append(outcome)
    else:
        row.findings += 1
        done.findings[engine, finding] = done.findings.get((engine, finding), 0) + 1
