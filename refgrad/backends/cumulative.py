"""What runs along one axis and NumPy has no function for; written over functions that every backend has."""

from __future__ import annotations

from typing import Any

import numpy as np

from refgrad.backends import namespace


def _running(xp: Any, x: Any, dim: int, step: Any) -> Any:
    """`step(previous, i, slice)` for each slice along `dim`, stacked again."""
    rows = xp.moveaxis(x, dim, 0)
    found: list[Any] = []
    for i in range(rows.shape[0]):
        found.append(step(found[-1] if found else None, rows[i, ...]))
    return xp.moveaxis(xp.stack(found, axis=0), 0, dim) if found else x + 0


def recurrence(xp: Any, a: Any, b: Any, *, dim: int) -> Any:
    """y[i] = a[i] · y[i-1] + b[i] along `dim`, beginning with y[-1] = 0."""
    if not b.ndim:
        return b + 0 * a
    a, b = (
        xp.broadcast_to(a, np.broadcast_shapes(a.shape, b.shape)),
        xp.broadcast_to(b, np.broadcast_shapes(a.shape, b.shape)),
    )
    factors, terms = xp.moveaxis(a, dim, 0), xp.moveaxis(b, dim, 0)
    found: list[Any] = []
    for i in range(terms.shape[0]):
        found.append(factors[i, ...] * found[-1] + terms[i, ...] if found else terms[i, ...])
    return xp.moveaxis(xp.stack(found, axis=0), 0, dim) if found else b + 0


def logcumsumexp(xp: Any, x: Any, *, dim: int) -> Any:
    """The logarithm of the running sum of exponentials."""
    if not x.ndim:
        return x + 0
    return _running(xp, x, dim, lambda y, row: row if y is None else xp.logaddexp(y, row))


def _extremum(xp: Any, x: Any, dim: int, wins: Any) -> tuple[Any, Any]:
    if not x.ndim:
        return x + 0, xp.from_host(np.zeros((), np.int64))
    rows = xp.moveaxis(x, dim, 0)
    values: list[Any] = []
    places: list[Any] = []
    for i in range(rows.shape[0]):
        row = rows[i, ...]
        if not values:
            values, places = [row], [xp.from_host(np.zeros(rows.shape[1:], np.int64))]
            continue
        new = wins(row, values[-1])
        values.append(xp.where(new, row, values[-1]))
        places.append(namespace(new).where(new, i, places[-1]))
    if not values:
        return x + 0, xp.from_host(np.zeros(x.shape, np.int64))
    whole = namespace(places[0])
    return xp.moveaxis(xp.stack(values, axis=0), 0, dim), whole.moveaxis(whole.stack(places, axis=0), 0, dim)


def cummax(xp: Any, x: Any, *, dim: int) -> tuple[Any, Any]:
    """The running maximum and where it is; of equal ones the last, and a nan stays."""
    return _extremum(xp, x, dim, lambda new, old: (new >= old) | xp.isnan(new) if x.dtype.kind in "fV" else new >= old)


def cummin(xp: Any, x: Any, *, dim: int) -> tuple[Any, Any]:
    """The running minimum and where it is; of equal ones the last, and a nan stays."""
    return _extremum(xp, x, dim, lambda new, old: (new <= old) | xp.isnan(new) if x.dtype.kind in "fV" else new <= old)
