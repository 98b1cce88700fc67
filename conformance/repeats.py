"""The same cases run several times: which answers differ, in which numbers, and by how much."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from conformance.codec import decode_array
from conformance.results import Reply, reply_digest

_WORDS = {2: "two", 3: "three", 4: "four", 5: "five"}


def agreed(first: Mapping[str, Reply], later: Iterable[Mapping[str, Reply]]) -> dict[str, Reply]:
    """The replies of the first run; in the place of one that a later run does not repeat bit for bit, that it is flaky.

    Such a reply says of every array that differs how many of its numbers do, and by how many units in the last place.
    """
    digests = {case: reply_digest(reply) for case, reply in first.items()}
    others: dict[str, list[Reply]] = {}
    runs = 1
    for run in later:
        runs += 1
        for case, digest in digests.items():
            if reply_digest(run[case]) != digest:
                others.setdefault(case, []).append(run[case])
    return {case: _flaky(reply, others[case], runs) if case in others else reply for case, reply in first.items()}


def _flaky(reply: Reply, others: Sequence[Reply], runs: int) -> Reply:
    found = _differences(reply, others)
    where = "; ".join(f"{d['read']}, {d['different']} of {d['numbers']} numbers{_by(d)}" for d in found)
    reason = f"{_WORDS.get(runs, runs)} runs gave different answers{': ' if where else ''}{where}"
    return {"status": "flaky", "reason": reason, "differences": found}


def _by(difference: Mapping[str, Any]) -> str:
    return f" by up to {difference['ulp']:g} ulp" if "ulp" in difference else ""


def _differences(reply: Reply, others: Sequence[Reply]) -> list[dict[str, Any]]:
    """Of every read that shows arrays of one kind; what else differs, such as an error, is no matter of numbers."""
    seen = [r.get("observations", {}) for r in (reply, *others)]
    found = []
    for read in seen[0]:
        shown = [observations.get(read, {}).get("array") for observations in seen]
        if all(shown) and any(array != shown[0] for array in shown):
            arrays = [decode_array(array) for array in shown]
            if len({(a.shape, a.dtype) for a in arrays}) == 1:
                found.append({"read": read, **_distance(*arrays)})
    return found


def _distance(first: np.ndarray, *others: np.ndarray) -> dict[str, Any]:
    """How many numbers differ in any bit, and the greatest distance in units in the last place where that is finite."""
    changed = np.array([_bits(x) != _bits(first) for x in others]).any(axis=(0, 2))
    found: dict[str, Any] = {"numbers": first.size, "different": int(changed.sum())}
    distance = max(_ulps(_parts(first), _parts(x)) for x in others)
    return found | {"ulp": distance} if np.isfinite(distance) else found


def _bits(x: np.ndarray) -> np.ndarray:
    """The bytes of each number."""
    return np.ascontiguousarray(x).reshape(-1, 1).view(np.uint8)


def _parts(x: np.ndarray) -> np.ndarray:
    x = np.ravel(x)
    return np.concatenate([np.real(x), np.imag(x)]) if x.dtype.kind == "c" else x


def _ulps(a: np.ndarray, b: np.ndarray) -> float:
    if a.dtype.kind in "biu":
        return np.inf
    with np.errstate(invalid="ignore", over="ignore"):
        error = np.abs(a.astype(np.float64) - b.astype(np.float64))
        ulps = error / np.spacing(np.maximum(np.abs(a), np.abs(b))).astype(np.float64)
    return float(np.max(np.where(a == b, 0.0, np.where(np.isnan(ulps), np.inf, ulps)), initial=0.0))
