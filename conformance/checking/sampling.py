"""Evaluating a function of tensors at many points: many in one batch where the namespace's vmap can, else one by one."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from conformance.checking.flat import ROUNDOFF, real_rows

if TYPE_CHECKING:
    from conformance.checking.tensors import TensorSubject

_BATCH = 1 << 22  # numbers in one batched call: 32 MiB
_FEW = 9  # calls that cost less than one batched call


def evaluate(subject: TensorSubject, rows: np.ndarray) -> np.ndarray:
    """The outputs at every row of flat inputs, as rows; NaN at points that the function refuses, if it takes others."""
    limit = max(1, _BATCH // max(1, rows.shape[1] + subject.m))
    if len(rows) > limit:
        return np.concatenate([evaluate(subject, rows[k : k + limit]) for k in range(0, len(rows), limit)])
    subject.evaluations += len(rows)
    while True:
        try:
            return _evaluate(subject, rows)
        except Exception:
            if not subject.wide:
                raise
            subject.wide = False  # tensors that the function holds are narrow: its own dtype must do


def _evaluate(subject: TensorSubject, rows: np.ndarray) -> np.ndarray:
    parts = zip(subject.split(rows), subject.tensors, strict=True)
    given = [subject.tensor(part, like, wide=subject.wide) for part, like in parts]
    if subject.batched and len(rows) > _FEW:
        try:
            return _batch(subject, given)
        except Exception:  # noqa: BLE001 - whatever a batching rule lacks, the function itself is asked next
            subject.batched = False
    return _loop(subject, given)


def _batch(subject: TensorSubject, given: list[Any]) -> np.ndarray:
    with subject.ns.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # operators without a batching rule warn that they are slow
        return _rows(subject, subject.ns.vmap(lambda *xs: _outputs(subject, xs))(*given))


def _loop(subject: TensorSubject, given: list[Any]) -> np.ndarray:
    """One row after the other; a function may write into what it is given, which is nobody else's."""
    with subject.ns.no_grad():
        points = [*zip(*(t.unbind(0) for t in given), strict=True)]
        found = _found(subject, points)
        good = [outputs for outputs in found if outputs is not None]
        if not good:
            _outputs(subject, points[0])  # raises what it is
        rows = _rows(subject, [subject.ns.stack(each) for each in zip(*good, strict=True)])
    if len(good) == len(found):
        return rows
    every = np.full((len(found), rows.shape[1]), np.nan)
    every[[outputs is not None for outputs in found]] = rows
    return every


def _found(subject: TensorSubject, points: Sequence[Sequence[Any]]) -> list[tuple[Any, ...] | None]:
    """The outputs at every point; nothing at one that the function refuses, since a step may leave its domain."""
    call, kind = subject.caller(), type(subject.tensors[0])
    found: list[tuple[Any, ...] | None] = []
    for tensors in points:
        try:
            y = call(*tensors)
            found.append((y,) if type(y) is kind else tuple(subject.select(y)))
        except Exception:  # noqa: BLE001 - if it refuses all points, the first one is asked again
            found.append(None)
    return found


def _outputs(subject: TensorSubject, tensors: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(subject.select(subject.call(tensors, wide=subject.wide)))


def _rows(subject: TensorSubject, outputs: Sequence[Any]) -> np.ndarray:
    subject.noise = max([ROUNDOFF[str(t.dtype).rpartition(".")[2]] for t in outputs])
    rows = [real_rows(subject.array(t), len(t)) for t in outputs]
    return rows[0] if len(rows) == 1 else np.concatenate(rows, axis=1)
