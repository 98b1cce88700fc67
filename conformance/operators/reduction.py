"""Sums, means, products and extrema over dimensions, and running ones."""

from __future__ import annotations

from typing import Any

from conformance.operators.sampling import Sampling, calls, each, per_argument, points, regions
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
    rows: list[tuple[Any, ...]] = [("regular", (2, 3), {"dim": one(1)}), ("regular", (2, 3), {"dim": one(0)})]
    rows += [("regular", (2, 3), {"dim": one(-1), "keepdim": True})] if keepdim else []
    rows += [("regular", (2, 3, 2), {"dim": (0, 2)}), ("regular", (2, 3, 2), {"dim": (0, 1, 2)})] if several else []
    rows += [("regular", (2, 3), whole)] if whole is not None else []
    rows += [("regular", (2, 3), {"dim": one(1), **more}) for more in options]
    rows += [
        ("scalar", (), {"dim": one(0)}),
        ("size-1", (1,), {"dim": one(0)}),
        ("size-1-dim", (3, 1), {"dim": one(1)}),
    ]
    rows += [("empty-kept", (0, 3), {"dim": one(1)})]
    rows += [("empty", (2, 0), {"dim": one(1)})] if empty else []
    return calls(*rows, **sampling)


_MODEST = per_argument(
    regions(without="subnormal huge", boundary=(0.0,), large=each((1e3, 1e6), (1e2, 1e4), signed=True))
)
_TAILS = per_argument(regions(without="subnormal huge", tails=each((50.0, 700.0), (20.0, 90.0), signed=True)))

operator("sum(input, *, dim=None, keepdim=False)", sampling=_over(whole={}))
operator("mean(input, *, dim=None, keepdim=False)", sampling=_over(empty=False, whole={}))
operator(
    "prod(input, *, dim=REQUIRED, keepdim=False)",
    sampling=_over(
        several=False,
        regions=per_argument(
            regions(
                without="subnormal huge",
                zero=points(0.0, 2.0, -3.0, 4.0, 5.0, 0.5),
                zeros=points(0.0, 0.0, 2.0, 3.0, 0.0, 7.0),
            )
        ),
    ),
)
operator("amax(input, *, dim=(), keepdim=False)", sampling=_over(empty=False, whole={}, ties="even-max"))
operator("amin(input, *, dim=(), keepdim=False)", sampling=_over(empty=False, whole={}, ties="even-min"))
for _name in ("max", "min"):
    operator(
        f"{_name}(input, *, dim=REQUIRED, keepdim=False)",
        outputs=2,
        sampling=_over(several=False, empty=False, floating_outputs=(0,)),
    )
for _name in ("median", "nanmedian"):
    operator(
        f"{_name}(input, *, dim=REQUIRED, keepdim=False)",
        outputs=2,
        sampling=_over(several=False, empty=False, floating_outputs=(0,)),
    )
operator("argmax(input, *, dim=None, keepdim=False)")
operator("argmin(input, *, dim=None, keepdim=False)")
operator(
    "norm(input)", sampling=calls(("regular", (2, 3), {}), ("size-1", (1,), {}), ("scalar", (), {}), regions=_MODEST)
)
operator(
    "linalg.vector_norm(input, *, ord=2, dim=None, keepdim=False)",
    sampling=_over(
        empty=False,
        whole={},
        regions=_MODEST,
        options=({"ord": 1.0}, {"ord": 3.0}, {"ord": float("inf")}, {"ord": 0.5}),
    ),
)
operator("logsumexp(input, *, dim=REQUIRED, keepdim=False)", sampling=_over(regions=_TAILS, empty=False))
for _name in ("var", "std"):
    operator(f"{_name}(input, *, dim=None, correction=1, keepdim=False)", sampling=calls(
        ("regular", (2, 3), {"dim": (1,)}), ("regular", (2, 3), {}), ("regular", (2, 3), {"dim": (0,), "keepdim": True}),
        ("regular", (2, 4), {"dim": (1,), "correction": 0}), ("regular", (2, 4), {"dim": (1,), "correction": 2}),
        ("regular", (2, 3, 2), {"dim": (0, 2)}), ("empty-kept", (0, 3), {"dim": (1,)}), regions=_MODEST,
    ))  # fmt: skip
    operator(f"{_name}_mean(input, *, dim=None, correction=1, keepdim=False)", outputs=2, sampling=calls(
        ("regular", (2, 3), {"dim": (1,)}), ("regular", (2, 3), {"dim": (0,), "keepdim": True}),
        ("regular", (2, 4), {"dim": (1,), "correction": 0}), regions=_MODEST,
    ))  # fmt: skip
_ALONG = (
    ("regular", (2, 3), {"dim": 1}),
    ("regular", (2, 3), {"dim": 0}),
    ("regular", (2, 2, 2), {"dim": -2}),
    ("scalar", (), {"dim": 0}),
    ("size-1", (1,), {"dim": 0}),
    ("empty", (0,), {"dim": 0}),
)
operator("cumsum(input, *, dim)", sampling=calls(*_ALONG))
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
operator("logcumsumexp(input, *, dim)", sampling=calls(*_ALONG, regions=_TAILS))
for _name in ("cummax", "cummin"):
    operator(f"{_name}(input, *, dim)", outputs=2, sampling=calls(*_ALONG, floating_outputs=(0,)))
