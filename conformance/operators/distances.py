"""Distances of vectors, norms that are kept below a bound, products of vectors."""

from __future__ import annotations

from conformance.operators.sampling import INF, Region, calls, per_argument, points, regions
from conformance.operators.spec import operator

_SAME = {"x1": points(0.0), "x2": points(0.0)}
_CORNER = {"x1": points(0.0, 0.0), "x2": points(1.5, 1.5)}  # both differences are the largest
_ORDERS = (("order-0", 0.0), ("order-1", 1.0), ("order-3", 3.0), ("order-half", 0.5), ("order-1.5", 1.5))
_ONE, _OTHER = (0.5, -1.25, 2.125, 0.75, -2.5, 1.5, 3.0), (0.5625, -2.328125, -1.234375, 1.640625, -0.34375)
"""Numbers of which no two differ by as much as others do. Of those drawn in strata, in order, largest differences tie, and
vectors are parallel.
"""
_POINTS = per_argument(*(
    {"ordinary": points(*x), "negative": points(*(-abs(v) for v in x)), "large": points(*(3e4 * v for v in x)), "near": points(*(1.0 + v / 64 for v in x))}
    for x in (_ONE, _OTHER)
))  # fmt: skip


def _uneven(*arguments: str) -> dict[str, Region]:
    return {name: points(*x) for name, x in zip(arguments, (_ONE, _OTHER), strict=False)}


operator("cdist(x1, x2, *, p=2.0, compute_mode='use_mm_for_euclid_dist_if_necessary')", core=False, sampling=calls(
    ("regular", (2, 3), (3, 3), {}), *((label, (2, 3), (2, 3), {"p": p}) for label, p in _ORDERS), ("infinity", (2, 3), (2, 3), {"p": INF, "ranges": _uneven("x1", "x2"), "smooth": False}), ("regular", (2, 2), (3, 2), {"compute_mode": "donot_use_mm_for_euclid_dist"}),
    ("multiplied", (2, 3), (3, 3), {"compute_mode": "use_mm_for_euclid_dist"}), ("stack", (2, 2, 2), (2, 1, 2), {"p": 1.0}), ("stack-broadcast", (2, 1, 2, 2), (3, 1, 2), {}), ("stack-shared", (2, 2, 2), (2, 2), {"p": 3.0}),
    ("one-column", (3, 1), (2, 1), {}), ("no-columns", (2, 0), (3, 0), {}), ("no-rows", (0, 2), (3, 2), {}), ("none", (2, 2), (0, 2), {"p": 1.0}),
    *((f"coinciding-{label}", (1, 2), (1, 2), {"p": p, "ranges": _SAME, "smooth": False}) for label, p in (("2", 2.0), ("0", 0.0), ("1", 1.0), ("1.5", 1.5), ("3", 3.0), ("infinity", INF))),
    ("corner", (1, 2), (1, 2), {"p": INF, "ranges": _CORNER}), ("shared-coordinate", (1, 2), (1, 2), {"p": 1.0, "ranges": {"x1": points(1.5, 2.0), "x2": points(1.5)}}),
    arguments=("x1", "x2"), regions=_POINTS, smooth=False, forward=False,
))  # fmt: skip
operator("nn.functional.pdist(input, *, p=2.0)", core=False, sampling=calls(
    ("regular", (3, 2), {}), *((label, (3, 2), {"p": p}) for label, p in _ORDERS), ("infinity", (3, 2), {"p": INF, "ranges": _uneven("input")}), ("pair", (2, 3), {}), ("one", (1, 3), {}), ("no-columns", (3, 0), {}), ("four", (4, 1), {"p": 1.0}),
    *((f"coinciding-{label}", (2, 2), {"p": p, "ranges": {"input": points(0.0)}}) for label, p in (("2", 2.0), ("1", 1.0), ("1.5", 1.5), ("infinity", INF))),
    ("corner", (2, 2), {"p": INF, "ranges": {"input": points(1.5, 1.5, 0.0, 0.0)}}), regions=_POINTS, smooth=False, forward=False,
))  # fmt: skip
_PAIR = {"arguments": ("x1", "x2"), "regions": _POINTS}
operator("nn.functional.pairwise_distance(x1, x2, *, p=2.0, eps=1e-06, keepdim=False)", core=False, sampling=calls(
    ("regular", (2, 3), (2, 3), {}), *((label, (2, 3), (2, 3), {"p": p}) for label, p in _ORDERS), ("infinity", (2, 3), (2, 3), {"p": INF, "ranges": _uneven("x1", "x2"), "smooth": False}), ("kept", (2, 3), (2, 3), {"keepdim": True, "eps": 0.25}), ("vector", (3,), (3,), {}), ("broadcast-row", (2, 3), (3,), {}),
    ("cube", (2, 1, 2), (1, 3, 2), {"p": 1.0}), ("coinciding", (2, 2), (2, 2), {"ranges": _SAME, "smooth": False}), ("unguarded", (2, 2), (2, 2), {"eps": 0.0, "ranges": _SAME, "smooth": False}),
    ("empty", (0, 3), (0, 3), {}), complex=True, result="real", **_PAIR,
))  # fmt: skip
_SIDES = {"input": points(0.0), "other": points(0.0)}
operator("dist(input, other, *, p=2)", core=False, sampling=calls(
    ("regular", (2, 3), (2, 3), {}), *((label, (2, 3), (2, 3), {"p": p}) for label, p in (*_ORDERS, ("order-minus-1", -1.0))),
    *((label, (2, 3), (2, 3), {"p": p, "ranges": _uneven("input", "other"), "smooth": False}) for label, p in (("infinity", INF), ("minus-infinity", -INF))),
    ("broadcast-row", (2, 3), (3,), {}), ("broadcast-both", (2, 1), (1, 2), {"p": 3.0}), ("scalar", (), (), {}), ("size-1", (1,), (1,), {"p": 1.0}), ("empty", (0,), (0,), {}),
    *((f"coinciding-{label}", (2, 2), (2, 2), {"p": p, "ranges": _SIDES, "smooth": False}) for label, p in (("2", 2.0), ("0", 0.0), ("1", 1.0), ("3", 3.0), ("infinity", INF))),
    ("corner", (2,), (2,), {"p": INF, "ranges": {"input": points(0.0), "other": points(1.5)}, "smooth": False}), arguments=("input", "other"), regions=_POINTS, alias=True, complex=True, result="real",
))  # fmt: skip
operator("renorm(input, *, p, dim, maxnorm)", core=False, sampling=calls(
    ("regular", (3, 2), {"p": 2, "dim": 0, "maxnorm": 2.5}), *((label, (3, 2), {"p": p, "dim": 0, "maxnorm": 2.5}) for label, p in _ORDERS[1:]), ("infinity", (3, 2), {"p": INF, "dim": 0, "maxnorm": 1.0, "smooth": False}), ("columns", (2, 3), {"p": 2, "dim": 1, "maxnorm": 1.0}),
    ("negative", (2, 2, 2), {"p": 1, "dim": -2, "maxnorm": 2.0}), ("nothing-left", (2, 2), {"p": 2, "dim": 0, "maxnorm": 0.0}), ("within", (2, 2), {"p": 2, "dim": 0, "maxnorm": 100.0}), ("zero-rows", (2, 2), {"p": 2, "dim": 0, "maxnorm": 1.0, "ranges": {"input": points(0.0, 0.0, 3.0, 1.0)}}),
    ("size-1", (1, 1), {"p": 2, "dim": 0, "maxnorm": 0.125}), ("empty", (0, 2), {"p": 2, "dim": 0, "maxnorm": 1.0}), ("at-the-bound", (1, 2), {"p": 2, "dim": 0, "maxnorm": 5.0, "ranges": {"input": points(3.0, 4.0)}, "smooth": False}),
    ("at-the-bound", (1, 2), {"p": 1, "dim": 0, "maxnorm": 7.0, "ranges": {"input": points(3.0, 4.0)}, "smooth": False}), regions=_POINTS, complex=True, structured="any", beside={"input": lambda x: -x},
))  # fmt: skip

# products

_FACTORS = per_argument(regions(without="subnormal vast", boundary=(0.0,)))
operator("vdot(input, other)", core=False, sampling=calls(
    ("regular", (4,), (4,), {}), ("size-1", (1,), (1,), {}), ("empty", (0,), (0,), {}), arguments=("input", "other"), regions=_FACTORS, alias=True, complex=True,
))  # fmt: skip
operator("linalg.vecdot(x, y, *, dim=-1)", core=False, sampling=calls(
    ("regular", (2, 3), (2, 3), {}), ("first", (3, 2), (3, 2), {"dim": 0}), ("broadcast-row", (2, 3), (3,), {}), ("broadcast-both", (2, 1, 3), (1, 2, 3), {}), ("negative", (2, 3, 2), (2, 3, 2), {"dim": -2}),
    ("vector", (3,), (3,), {}), ("size-1", (2, 1), (2, 1), {}), ("empty", (2, 0), (2, 0), {}), ("broadcast-along", (2, 3), (2, 1), {}), arguments=("x", "y"), regions=_FACTORS, alias=True, complex=True,
))  # fmt: skip
_TURNED = per_argument(*(
    {"ordinary": points(*x), "large": points(*(1e5 * v for v in x)), "small": points(*(2.0**-40 * v for v in x)), "boundary": points(0.0)}
    for x in (_ONE, _OTHER)
))  # fmt: skip
operator("linalg.cross(input, other, *, dim=-1)", core=False, sampling=calls(
    ("regular", (2, 3), (2, 3), {}), ("first", (3, 2), (3, 2), {"dim": 0}), ("negative", (2, 3, 2), (2, 3, 2), {"dim": -2}), ("broadcast", (2, 3), (1, 3), {}), ("broadcast-both", (2, 1, 3), (1, 2, 3), {}),
    ("vector", (3,), (3,), {}), ("empty", (0, 3), (0, 3), {}), arguments=("input", "other"), regions=_TURNED, alias=True, complex=True,
))  # fmt: skip
operator("cross(input, other, *, dim=OMITTED)", core=False, sampling=calls(  # the same, along the first dimension that fits
    ("regular", (2, 3), (2, 3), {}), ("found", (2, 3, 3), (2, 3, 3), {}), ("first", (3, 2), (3, 2), {"dim": 0}), ("broadcast", (1, 3), (2, 3), {"dim": -1}),
    arguments=("input", "other"), regions={"ordinary": _TURNED["ordinary"]}, layouts=False, complex=True,
))  # fmt: skip
operator("addbmm(input, batch1, batch2, *, beta=1, alpha=1)", core=False, sampling=calls(
    ("regular", (2, 2), (2, 2, 3), (2, 3, 2), {}), ("regular", (2, 2), (2, 2, 3), (2, 3, 2), {"beta": 0.5, "alpha": -2.0}), ("broadcast", (1,), (2, 2, 1), (2, 1, 3), {}), ("no-input", (2, 2), (2, 2, 2), (2, 2, 2), {"beta": 0, "smooth": False}),
    ("no-product", (2, 2), (2, 2, 1), (2, 1, 2), {"alpha": 0}), ("scalar-input", (), (1, 2, 2), (1, 2, 2), {"beta": -1.5}), ("empty-batch", (2, 2), (0, 2, 3), (0, 3, 2), {}), ("empty-inner", (2, 2), (2, 2, 0), (2, 0, 2), {}),
    arguments=("input", "batch1", "batch2"), regions=_FACTORS, complex=True,
))  # fmt: skip
