"""How often a diagnosis is right: faults of a known kind are planted in refgrad, and what is said of them is compared.

What is expected of a fault is what its own statement says, by its family or by its name. Some statements say two
things (a broadcast operand is counted twice: a shape, and a reduction), and either is right.
"""

from __future__ import annotations

import multiprocessing
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection

from conformance.cases import Case
from conformance.corpus.loader import load_cases
from conformance.diagnosis import Answer, Diagnosis, Kind, diagnose
from conformance.engines.refgrad import RefgradEngine
from conformance.faults import load
from conformance.faults.registry import Fault, find

REACH = 0.8
_GROUPS = ("value", "vjp", "jvp", "order2", "order3")
_DEADLINE = 120.0
_FORK = multiprocessing.get_context("fork")

FAMILIES: Mapping[str, Kind] = {
    "only for a layout": Kind.LAYOUT,
    "only for a shape or size": Kind.SHAPE,
    "only for a dtype": Kind.DTYPE,
    "only for a constant operand": Kind.CONSTANT,
    "only in a region": Kind.REGION,
    "order two only": Kind.ORDER,
    "order three only": Kind.ORDER,
    "forward mode only": Kind.FORWARD,
    "cotangents": Kind.NONLINEAR,
    "wrong everywhere": Kind.TERM,
}
"""The kind of the faults of a family."""

_NAMED: Mapping[tuple[Kind, ...], str] = {
    (Kind.FACTOR,): (
        "log10-slope-of-log log2-slope-of-log10 exp2-slope-of-exp sin-in-degrees square-slope-undoubled real-part-halved "
        "erf-slope-unnormalised hardsigmoid-slope-doubled"
    ),
    (Kind.FACTOR, Kind.TERM): "logarithm-of-determinant-doubled deviation-counted-twice-in-pair",
    (Kind.SIGN,): "acos-slope-of-asin lerp-weight-slope-reversed erfc-slope-of-erf operands-exchange-gradients",
    (Kind.TRANSPOSE,): (
        "cumsum-not-reversed flip-not-undone roll-further complex-exp-unconjugated complex-matmul-unconjugated "
        "complex-tangent-conjugated"
    ),
    (Kind.REDUCTION,): "mean-gradient-undivided no-unbroadcast",
    (Kind.REDUCTION, Kind.FACTOR): "mean-counts-one-less",
    (Kind.REDUCTION, Kind.SHAPE): "broadcast-summand-counted-twice broadcast-factor-first-row",
    (Kind.REDUCTION, Kind.TERM): "cotangent-from-first-element cotangent-averaged",
    (Kind.LAYOUT,): "transposed-cotangent-misread expanded-cotangent-counted-twice",
    (Kind.REGION,): "leaky-slope-everywhere copysign-ignores-sign",
    (Kind.REPEATED,): "same-factor-counted-once same-divisor-counted-once same-leg-of-hypot-counted-once",
    (Kind.TERM,): (
        "second-piece-dropped second-row-dropped variance-detached-from-pair eigenvectors-detached eigenvalues-detached "
        "triangular-factor-detached topk-cotangent-to-the-first outputs-cotangents-swapped unused-output-gives-ones"
    ),
    (Kind.NONLINEAR,): "ignores-cotangent",
    (Kind.FORWARD, Kind.REGION): "relu-tangent-everywhere",
    (Kind.DTYPE, Kind.FORWARD): "tangents-in-single-precision",
}
"""Faults whose statement says more than their family."""
NAMED: Mapping[str, tuple[Kind, ...]] = {name: kinds for kinds, names in _NAMED.items() for name in names.split()}
_OPERATORS = {"ignores-cotangent": "mul", "no-unbroadcast": "add"}
"""Where to look at faults that are in every operator."""


@dataclass(frozen=True)
class Said:
    """A fault, what it is, and what was said of it; no kind where nothing was, or where no case failed."""

    fault: str
    family: str
    expected: tuple[Kind, ...]
    kind: Kind | None
    words: str
    failed: int

    @property
    def is_right(self) -> bool:
        return self.kind in self.expected


def known_faults() -> list[Fault]:
    """The faults of operators that say what kind they are, but for those that no case finds yet."""
    return [f for f in load().values() if _expected(f) and f.engine == "refgrad" and not f.hole and operator_of(f)]


def _expected(fault: Fault) -> tuple[Kind, ...]:
    family = FAMILIES.get(fault.family)
    return NAMED.get(fault.name) or ((family,) if family else ())


def operator_of(fault: Fault) -> str:
    """The operator that a fault is in, by the cases that must find it."""
    named = (glob.split("/")[1] for glob in fault.finds if glob.startswith("op/"))
    return _OPERATORS.get(fault.name) or next((name for name in named if "*" not in name), "")


def said_of(
    faults: Sequence[Fault], *, workers: int = 1, on_fault: Callable[[Said], None] = lambda _: None
) -> Iterator[Said]:
    """What is said of each fault, planted in a process of its own that answers every case of the fault's operator."""
    cases = _by_operator({operator_of(f) for f in faults})

    def ask(fault: Fault) -> Said:
        kind, words, failed = _planted(fault.name, cases[operator_of(fault)])
        said = Said(fault.name, fault.family, _expected(fault), kind, words, failed)
        on_fault(said)
        return said

    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(ask, faults)


def _by_operator(names: set[str]) -> Mapping[str, list[Case]]:
    found = defaultdict(list)
    for case in load_cases(chosen=lambda facets: facets["operator"] in names):
        found[(case.facets or {})["operator"]].append(case)
    return found


def _planted(fault: str, cases: Sequence[Case]) -> tuple[Kind | None, str, int]:
    ours, theirs = _FORK.Pipe(duplex=False)
    child = _FORK.Process(target=_answer, args=(fault, cases, theirs), daemon=True)
    child.start()
    theirs.close()
    try:
        return ours.recv() if ours.poll(_DEADLINE) else (None, "no answer in time", 0)
    except EOFError:
        return None, "the process died", 0
    finally:
        child.kill()
        child.join()
        ours.close()


def _answer(fault: str, cases: Sequence[Case], reply: Connection) -> None:
    planted = find(fault)
    planted.before()
    engine = planted.after(RefgradEngine())
    answers = [Answer(case, engine.run(case.program)) for case in cases]
    wrong = [a for a in answers if a.is_wrong]
    said = diagnosis_of(wrong, answers)
    reply.send((said and said.kind, str(said or ""), len(wrong)))


def diagnosis_of(wrong: Iterable[Answer], answers: Sequence[Answer]) -> Diagnosis | None:
    """The diagnosis of the gravest failure, which is what a reader of a report sees first: of the lowest order."""
    first = min(wrong, key=lambda a: (_GROUPS.index(a.facet("group")), a.case.level != "must", a.case.id), default=None)
    return diagnose([first], answers) if first is not None else None
