"""The rows of the derivative table, and what calls of operators ask of them: samples on which a row can be run alone."""

from __future__ import annotations

import contextlib
import importlib
import pkgutil
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

import refgrad
import refgrad.ops
from refgrad.backends import HOME_TYPE, namespace
from refgrad.rules import Operator
from tests.refgrad.ops.calls import Call, calls

PER_ROW = 4
MORE = """
x.argsort() | 5
t.sgn(t.complex(x, y)) | 3,3
x.as_strided((2, 2), (1, 2), 1) | 6
F.adaptive_max_pool1d(x, 3) | 1x2x7
t.bitwise_xor(I([1, 2]), I([3, 1])) |
L.qr(x, mode="complete") | 3x2
L.qr(x, mode="r") | 3x2
L.eig(x) | 3x3
L.eigvals(x) | 3x3
L.cholesky_ex(-x @ x.mT) | 3x3
t.count_nonzero(x) | 2x3~
t.nonzero(x) | 2x3~
t.unique(x) | 5~
t.fmax(x, y) | 3,3
t.fmin(x, y) | 3,3
t.special.gammainc(x.detach(), y) | 3+,3+
t.special.gammaincc(x.detach(), y) | 3+,3+
t.special.zeta(x.detach(), y) | 3>,3+
t.special.xlog1py(x, y) | 3,3+
t.isclose(x, y) | 3,3
t.isfinite(x) | 3
t.isinf(x) | 3
t.isneginf(x) | 3
t.isposinf(x) | 3
t.isreal(x) | 3
t.signbit(x) | 3
t.logical_xor(x > 0, y > 0) | 3,3
t.positive(x) | 3
t.sgn(x) | 3
t.max(x, 0)[0] | 3x2
t.min(x, 0)[0] | 3x2
t.mode(x, 0) | 4x2~
t.clone(x).copy_(y) | 3,3
t.clone(x)[1:].mul_(2) | 3
t.masked_scatter(x, x > 0, y) | 3,3
F.fold(x, (3, 3), 2) | 1x4x4
"""
"""Calls of what the table of calls has none of."""


class Sample(NamedTuple):
    """One use of a row: its arguments, arrays of the host and numbers, and its attributes."""

    args: tuple[Any, ...]
    attrs: dict[str, Any]


def rows() -> dict[str, Operator]:
    """Every row of the table by its name."""
    found: dict[str, Operator] = {}
    for module in pkgutil.iter_modules(refgrad.ops.__path__):
        for value in vars(importlib.import_module(f"refgrad.ops.{module.name}")).values():
            if isinstance(value, Operator):
                found[value.name] = value
    return found


@contextlib.contextmanager
def watched(table: dict[str, Operator], seen: dict[str, list[Sample]]) -> Iterator[None]:
    """Within it the first uses of each row are written down."""
    before = {name: (op.kernel, dict(op.runs)) for name, op in table.items()}
    for name, op in table.items():
        op.kernel = _noting(op.kernel, seen.setdefault(name, []))
        op.runs.clear()
        op.runs[HOME_TYPE] = _noting(before[name][1].get(HOME_TYPE) or _home(op, before[name][0]), seen[name], at=0)
    try:
        yield
    finally:
        for name, op in table.items():
            op.kernel = before[name][0]
            op.runs.clear()
            op.runs.update(before[name][1])


def _home(op: Operator, kernel: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args, **attrs: kernel(namespace(), *args, **attrs)


def _noting(function: Callable[..., Any], samples: list[Sample], *, at: int = 1) -> Callable[..., Any]:
    def noted(*args: Any, **attrs: Any) -> Any:
        if len(samples) < PER_ROW:
            samples.append(Sample(tuple(np.array(a) if isinstance(a, HOME_TYPE) else a for a in args[at:]), attrs))
        return function(*args, **attrs)

    return noted


def samples() -> dict[str, list[Sample]]:
    """Uses of each row, from the table of calls and, for operators that it lacks, from the frozen cases."""
    seen: dict[str, list[Sample]] = {}
    with watched(rows(), seen), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for call in (*calls(), *_more()):
            _run(lambda call=call: _differentiate(call))
        for program in _programs():
            _run(lambda program=program: _engine().run(program))
    return seen


def _more() -> Iterator[Call]:
    for line in MORE.strip().splitlines():
        expression, _, inputs = line.rpartition("|")
        yield Call("more", "more", expression.strip(), tuple(i for i in inputs.strip().split(",") if i), "1")


def _run(action: Callable[[], Any]) -> None:
    with contextlib.suppress(NotImplementedError, RuntimeError):
        action()


def _differentiate(call: Any) -> None:
    xs = [refgrad.tensor(a, requires_grad=True) for a in call.drawn("float64")]
    found = call(refgrad, *xs)
    found = found if isinstance(found, (tuple, list)) else [found]
    roots = [y for y in found if isinstance(y, refgrad.Tensor) and y.requires_grad]
    if roots:
        first = refgrad.autograd.grad([y.real.sum() for y in roots], xs, create_graph=call.order > 1, allow_unused=True)
        again = [g.sum() for g in first if g is not None and g.requires_grad]
        if again:
            refgrad.autograd.grad(again, xs, allow_unused=True)


def _engine() -> Any:
    from conformance.engines.refgrad import RefgradEngine

    return RefgradEngine()


def _programs() -> Iterator[Any]:
    """For each operator, programs in float64: the first two of each order."""
    from conformance.profiles import all_cases

    counts: dict[tuple[str, str], int] = {}
    for case in all_cases():
        if case.program is None or case.dtype != "float64" or not case.id.startswith("op/"):
            continue
        key = tuple(case.requirement.split(".")[-2:])
        counts[key] = counts.get(key, 0) + 1
        if counts[key] <= 2:
            yield case.program
