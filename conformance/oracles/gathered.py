"""Ties among elements that an index sends to one place: each of the largest, or least, has an equal share of the cotangent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from conformance.oracles.balls import Derivative
from conformance.oracles.reasons import NoTruth
from conformance.program import Ref, Statement


@dataclass(frozen=True)
class _Sent:
    """What is reduced: the elements, in the order of the differentiated arguments, and the flat place where each goes."""

    values: tuple[np.ndarray, ...]
    places: tuple[np.ndarray, ...]
    shares: tuple[np.ndarray, ...]


def gathered(leaves: Mapping[str, np.ndarray], s: Statement, truth: Derivative) -> np.ndarray:
    """The documented derivative of `scatter_reduce` or `index_reduce` at a tie, forward or reverse."""
    value = truth.value.astype(np.float64)
    pairs = truth.term.along[0] if truth.term.output else ()
    names = [leaf for leaf, _ in pairs] or [o.name for o in _operands(s) if isinstance(o, Ref)]
    if not set(names) <= leaves.keys():
        raise NoTruth("kink")
    found = _sent(s, *(leaves[name] for name in names), leaves[s.kw["index"].name])
    if not pairs:
        share = found.shares[names.index(truth.term.leaf)]
        return np.where(truth.kinks, (truth.left + truth.right) * share, value)
    pushed = np.zeros(value.size)
    for (_, tangent), places, shares in zip(pairs, found.places, found.shares, strict=True):
        np.add.at(pushed, places.ravel(), (shares * leaves[tangent]).ravel())
    return np.where(truth.kinks, pushed.reshape(value.shape), value)


def _operands(s: Statement) -> tuple[Any, Any]:
    return s.args[0], s.kw.get("src", s.kw.get("source"))


def _sent(s: Statement, own: np.ndarray, source: np.ndarray, index: np.ndarray) -> _Sent:
    dim = s.kw["dim"]
    if s.name == "index_reduce":
        index = np.broadcast_to(index.reshape([-1 if d == dim else 1 for d in range(source.ndim)]), source.shape)
    grid = list(np.indices(source.shape))
    grid[dim] = index
    places = (np.arange(own.size).reshape(own.shape), np.ravel_multi_index(tuple(grid), own.shape))
    extreme, values = np.array(own, np.float64).ravel(), (own, source)
    (np.maximum if s.kw["reduce"] == "amax" else np.minimum).at(extreme, places[1].ravel(), source.ravel())
    hits = tuple((x == extreme[at]).astype(np.float64) for x, at in zip(values, places, strict=True))
    count = sum(np.bincount(at.ravel(), hit.ravel(), own.size) for at, hit in zip(places, hits, strict=True))
    return _Sent(values, places, tuple(hit / count[at] for hit, at in zip(hits, places, strict=True)))
