"""Sums, means, products and extrema over dimensions, and running ones."""

from __future__ import annotations

from typing import Any

from conformance.operators.sampling import Sampling, calls, each, more, per_argument, points, regions, rows
from conformance.operators.spec import operator


def _over(
    *,
    several: bool = True,
    keepdim: bool = True,
    empty: bool = True,
    whole: dict[str, Any] | None = None,
    options: tuple[dict[str, Any], ...] = (),
    **sampling: Any,
) -> Sampling:
    """Calls over one, the last, several and all dimensions."""
    one = (lambda d: (d,)) if several else (lambda d: d)
    made: list[tuple[Any, ...]] = [("regular", (2, 3), {"dim": one(1)}), ("regular", (2, 3), {"dim": one(0)})]
    made += [("regular", (2, 3), {"dim": one(-1), "keepdim": True})] if keepdim else []
    made += [("regular", (2, 3, 2), {"dim": (0, 2)}), ("regular", (2, 3, 2), {"dim": (0, 1, 2)})] if several else []
    made += [("regular", (2, 3), whole)] if whole is not None else []
    made += (
        [("negative", (2, 3, 2), {"dim": (-1, 0)}), ("kept", (2, 3, 2), {"dim": (-1, 0), "keepdim": True})]
        if several and keepdim
        else []
    )
    made += [("negative", (2, 3, 2), {"dim": one(-2)})] if not several else []
    made += [("regular", (2, 3), {"dim": one(1), **more}) for more in options]
    made += [
        ("scalar", (), {"dim": one(0)}),
        ("size-1", (1,), {"dim": one(0)}),
        ("size-1-dim", (3, 1), {"dim": one(1)}),
    ]
    made += [("empty-kept", (0, 3), {"dim": one(1)})]
    made += [("empty", (2, 0), {"dim": one(1)})] if empty else []
    return calls(*made, **{"tiled": "all"} | sampling)


_MODEST = per_argument(
    regions(without="subnormal huge", boundary=(0.0,), large=each((1e3, 1e6), (1e2, 1e4), signed=True))
)
_TAILS = per_argument(regions(without="subnormal huge", tails=each((50.0, 700.0), (20.0, 90.0), signed=True)))

operator("sum(input, *, dim=None, keepdim=False)", sampling=_over(whole={}))
operator("mean(input, *, dim=None, keepdim=False)", sampling=_over(empty=False, whole={}))
operator(
    "prod(input, *, dim=OMITTED, keepdim=OMITTED)",
    sampling=_over(
        several=False,
        whole={},
        regions=per_argument(
            regions(
                without="subnormal huge",
                zero=points(0.0, 2.0, -3.0, 4.0, 5.0, 0.5),
                zeros=points(0.0, 0.0, 2.0, 3.0, 0.0, 7.0),
            )
        ),
    ),
)
operator("amax(input, *, dim=(), keepdim=False)", sampling=_over(empty=False, whole={}, ties="even-max", tiled="rows"))
operator("amin(input, *, dim=(), keepdim=False)", sampling=_over(empty=False, whole={}, ties="even-min", tiled="rows"))
_PICKED = {"several": False, "empty": False, "floating_outputs": (0,), "whole": {"outputs": 1}, "tiled": "rows"}
for _name in ("max", "min"):
    operator(f"{_name}(input, other, *, dim=OMITTED, keepdim=OMITTED)", outputs=2, sampling=more(
        _over(**_PICKED, ties=f"first-{_name}"), ("pair", (2, 3), (2, 3), {"outputs": 1}), ("pair-broadcast", (2, 1), (3,), {"outputs": 1}),
        arguments=("input", "other"),
    ))  # fmt: skip
for _name in ("median", "nanmedian"):
    operator(f"{_name}(input, *, dim=OMITTED, keepdim=OMITTED)", outputs=2, sampling=more(
        _over(**_PICKED), ("even", (2, 4), {"dim": 1}), ("vector", (5,), {"outputs": 1}),
    ))  # fmt: skip
operator("mode(input, *, dim=-1, keepdim=False)", outputs=2, core=False, sampling=_over(**(_PICKED | {"whole": None})))
operator("argmax(input, *, dim=None, keepdim=False)")
operator("argmin(input, *, dim=None, keepdim=False)")
operator("norm(input, *, p='fro', dim=None, keepdim=False)", sampling=calls(
    ("regular", (2, 3), {}), ("size-1", (1,), {}), ("scalar", (), {}), ("regular", (2, 3), {"p": 1.0, "dim": (1,)}),
    ("regular", (2, 3), {"p": 3.0, "dim": (-2,), "keepdim": True}), ("infinity", (2, 3), {"p": float("inf"), "dim": (1,)}),
    regions=_MODEST, tiled="all",
))  # fmt: skip
operator(
    "linalg.vector_norm(input, *, ord=2, dim=None, keepdim=False)",
    sampling=_over(
        empty=False,
        whole={},
        result="real",
        regions=_MODEST,
        options=tuple({"ord": o} for o in (1.0, 3.0, float("inf"), 0.5, float("-inf"), -1.0)),
    ),
)
operator("logsumexp(input, *, dim=REQUIRED, keepdim=False)", sampling=_over(regions=_TAILS, empty=False))
_ROWS = per_argument(
    regions(
        without="subnormal huge",
        boundary=(0.0,),
        large=each((1e3, 1e6), (1e2, 1e4), signed=True),
        constant=rows(0.5, 3.0),
    )
)
for _name in ("var", "std"):
    operator(f"{_name}(input, *, dim=None, correction=1, keepdim=False)", sampling=calls(
        ("regular", (2, 3), {"dim": (1,)}), ("regular", (2, 3), {}), ("regular", (2, 3), {"dim": (0,), "keepdim": True}),
        ("regular", (2, 4), {"dim": (1,), "correction": 0}), ("regular", (2, 4), {"dim": (1,), "correction": 2}),
        ("regular", (2, 3, 2), {"dim": (0, 2)}), ("empty-kept", (0, 3), {"dim": (1,)}), ("negative", (2, 3, 2), {"dim": (-1, 0), "keepdim": True}),
        ("whole", (5,), {"correction": 0}), ("fraction", (2, 4), {"dim": (-1,), "correction": 0.5}), regions=_ROWS, tiled="all",
    ))  # fmt: skip
    operator(f"{_name}_mean(input, *, dim=None, correction=1, keepdim=False)", outputs=2, sampling=calls(
        ("regular", (2, 3), {"dim": (1,)}), ("regular", (2, 3), {"dim": (0,), "keepdim": True}),
        ("regular", (2, 4), {"dim": (1,), "correction": 0}), ("negative", (2, 3, 2), {"dim": (-1, 0), "correction": 2}),
        ("whole", (2, 3), {}), regions=_ROWS, tiled="all",
    ))  # fmt: skip
_ALONG = (
    ("regular", (2, 3), {"dim": 1}),
    ("regular", (2, 3), {"dim": 0}),
    ("regular", (2, 2, 2), {"dim": -2}),
    ("scalar", (), {"dim": 0}),
    ("size-1", (1,), {"dim": 0}),
    ("empty", (0,), {"dim": 0}),
)
operator("cumsum(input, *, dim)", sampling=calls(*_ALONG, tiled="all"))
operator(
    "cumprod(input, *, dim)",
    sampling=calls(
        *_ALONG,
        regions=per_argument(
            regions(
                without="subnormal huge",
                zero=points(2.0, 0.0, -3.0, 4.0, 5.0, 0.5),
                zeros=points(3.0, 0.0, 0.0, 2.0, 0.0, 7.0),
            )
        ),
    ),
)
operator("logcumsumexp(input, *, dim)", sampling=calls(*_ALONG, regions=_TAILS, tiled="all"))
for _name in ("cummax", "cummin"):
    operator(f"{_name}(input, *, dim)", outputs=2, sampling=calls(*_ALONG, floating_outputs=(0,), tiled="rows"))
