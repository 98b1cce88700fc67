"""Where elements stand in order along one axis; nan comes after every number. Written over `argsort` and
`take_along_axis`; positions are computed by the backend that they come from, which balls leave to NumPy.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from refgrad.backends import namespace


def positions(xp: Any, x: Any, dim: int, *, descending: bool = False) -> Any:
    """The stable order along `dim`; equal elements keep theirs in descending order too."""
    if not x.ndim:
        return _first_place(xp)
    if not descending:
        return xp.argsort(x, axis=dim, kind="stable")
    n = x.shape[dim]
    return n - 1 - xp.flip(xp.argsort(xp.flip(x, axis=dim), axis=dim, kind="stable"), axis=dim)


def _first_place(xp: Any) -> Any:
    """The position of the one element there is."""
    return xp.from_host(np.zeros((), np.int64))


def _taken(xp: Any, x: Any, at: Any, dim: int) -> tuple[Any, Any]:
    return (xp.take_along_axis(x, at, axis=dim) if x.ndim else x + 0), at


def _first(xp: Any, at: Any, dim: int, start: int, length: int) -> Any:
    return xp.take(at, np.arange(start, start + length), axis=dim) if at.ndim else at


def sort(xp: Any, x: Any, *, dim: int, descending: bool) -> tuple[Any, Any]:
    """The elements in order, and where they were."""
    return _taken(xp, x, positions(xp, x, dim, descending=descending), dim)


def topk(xp: Any, x: Any, *, k: int, dim: int, largest: bool) -> tuple[Any, Any]:
    """The k largest or smallest elements, the most extreme first, and where they were."""
    return _taken(xp, x, _first(xp, positions(xp, x, dim, descending=largest), dim, 0, k), dim)


def kthvalue(xp: Any, x: Any, *, k: int, dim: int, keepdim: bool) -> tuple[Any, Any]:
    """The k-th smallest element, and where it was."""
    return _reduced(xp, x, _first(xp, positions(xp, x, dim), dim, k - 1, 1), dim, keepdim)


def median(xp: Any, x: Any, *, dim: int, keepdim: bool) -> tuple[Any, Any]:
    """The lower median and where it was; nan where there is a nan."""
    at = positions(xp, x, dim)
    if not x.ndim:
        return x + 0, at
    n = x.shape[dim]
    middle = _first(xp, at, dim, (n - 1) // 2, 1)
    missing = xp.isnan(x) if x.dtype.kind in "fV" else None
    if missing is not None:
        first = xp.argmax(missing, axis=dim, keepdims=True)
        middle = namespace(first).where(missing.any(axis=dim, keepdims=True), first, middle)
    return _reduced(xp, x, middle, dim, keepdim)


def nanmedian(xp: Any, x: Any, *, dim: int, keepdim: bool) -> tuple[Any, Any]:
    """The lower median of what is not nan, and where it was."""
    at = positions(xp, x, dim)
    if not x.ndim:
        return x + 0, at
    numbers = (~xp.isnan(x)).sum(axis=dim, keepdims=True)
    return _reduced(xp, x, xp.take_along_axis(at, namespace(at).maximum(numbers - 1, 0) // 2, axis=dim), dim, keepdim)


def mode(xp: Any, x: Any, *, dim: int, keepdim: bool) -> tuple[Any, Any]:
    """The most frequent element, the smallest of several such, and where its last copy was."""
    if not x.ndim:
        return x + 0, _first_place(xp)
    rows = xp.moveaxis(x, dim, -1)
    equal = rows[..., :, None] == rows[..., None, :]
    frequent = equal.sum(axis=-1)
    frequent = frequent == frequent.max(axis=-1, keepdims=True)
    order = xp.argsort(rows, axis=-1, kind="stable")
    places = namespace(order)
    best = places.take_along_axis(
        order, places.argmax(places.take_along_axis(frequent, order, -1), axis=-1, keepdims=True), -1
    )
    copies = places.take_along_axis(equal, best[..., None], -2)[..., 0, :]
    last = copies.shape[-1] - 1 - places.argmax(copies[..., ::-1], axis=-1, keepdims=True)
    return _reduced(xp, x, places.moveaxis(last, -1, dim), dim, keepdim)


def _reduced(xp: Any, x: Any, at: Any, dim: int, keepdim: bool) -> tuple[Any, Any]:
    """The elements at `at`, which has size 1 along `dim`."""
    values, at = _taken(xp, x, at, dim)
    return (values, at) if keepdim or not x.ndim else (xp.squeeze(values, axis=dim), xp.squeeze(at, axis=dim))
