"""Quantiles, sums and means that leave nan out, covariances and correlations."""

from __future__ import annotations

from conformance.operators.sampling import (
    NAN,
    Choice,
    both,
    calls,
    each,
    more,
    per_argument,
    points,
    regions,
    rows,
    varied,
)
from conformance.operators.spec import operator

_VALUES = per_argument(regions(without="huge vast subnormal integers"))
_MISSING = {"missing": (points(NAN, 2.0, -3.0, 0.5, NAN, 1.5, 4.0),)}
_LEVELS = {"q": Choice("given", values=(0.25, 0.9, 0.0))}
_MODES = ("lower", "higher", "midpoint", "nearest")
_QUANTILES = (
    ("regular", (2, 4), {"q": 0.4, "dim": 1}), ("regular", (2, 4), {"q": 0.4}), ("regular", (4, 2), {"q": 0.8, "dim": 0, "keepdim": True}),
    *(("regular", (2, 4), {"q": 0.4, "dim": 1, "interpolation": mode}) for mode in _MODES),
    *((f"between-{mode}", (2, 4), {"q": 0.5, "dim": 1, "interpolation": mode}) for mode in ("linear", "nearest")),  # half way between two
    *((f"whole-{mode}", (5,), {"q": 0.25, "dim": 0, "interpolation": mode}) for mode in ("linear", "midpoint")),
    ("least", (2, 3), {"q": 0.0, "dim": 1}), ("most", (2, 3), {"q": 1.0, "dim": 1}), ("negative", (2, 4, 2), {"q": 0.7, "dim": -2}), ("kept", (2, 4), {"q": 0.6, "keepdim": True}),
    ("scalar", (), {"q": 0.3}), ("size-1", (1,), {"q": 0.3, "dim": 0}), ("size-1-dim", (3, 1), {"q": 0.3, "dim": 1}),
)  # fmt: skip
_OF_LEVELS = (
    ("levels", (2, 4), (3,), {"dim": 1, "choices": _LEVELS}), ("levels-kept", (2, 4), (2,), {"dim": 0, "keepdim": True, "choices": _LEVELS}), ("levels-all", (2, 3), (2,), {"choices": _LEVELS, "interpolation": "higher"}),
    ("level", (5,), (), {"dim": 0, "choices": _LEVELS}), ("moving", (5,), (2,), {"dim": 0, "ranges": {"q": both(0.3, 0.45)}}),
)  # fmt: skip

operator("quantile(input, *, q, dim=OMITTED, keepdim=False, interpolation='linear')", core=False, sampling=more(
    calls(*_QUANTILES, regions=_VALUES, ties="middle"), *_OF_LEVELS, arguments=("input", "q"),
))  # fmt: skip
operator("nanquantile(input, *, q, dim=OMITTED, keepdim=False, interpolation='linear')", core=False, sampling=more(
    calls(*_QUANTILES[:7], *_QUANTILES[-6:], *(("missing", (2, 5), {"q": 0.4, "dim": 1, "interpolation": mode, "ranges": {"input": _MISSING["missing"][0]}}) for mode in ("linear", *_MODES)),
          ("missing", (6,), {"q": 0.3, "ranges": {"input": _MISSING["missing"][0]}}), regions=_VALUES | _MISSING), *_OF_LEVELS[:2], arguments=("input", "q"),
))  # fmt: skip
_OVER = (
    ("regular", (2, 3), {"dim": (1,)}), ("regular", (2, 3), {}), ("kept", (2, 3, 2), {"dim": (-1, 0), "keepdim": True}), ("regular", (2, 3), {"dim": (0,)}), ("scalar", (), {}), ("size-1", (1,), {"dim": (0,)}),
    ("empty-kept", (0, 3), {"dim": (1,)}), ("missing", (2, 3), {"ranges": {"input": _MISSING["missing"][0]}}),
)  # fmt: skip
operator(
    "nansum(input, *, dim=None, keepdim=False)",
    core=False,
    sampling=calls(
        *_OVER, ("empty", (2, 0), {"dim": (1,)}), regions=per_argument(regions(without="vast")) | _MISSING, tiled="all"
    ),
)
operator(
    "nanmean(input, *, dim=None, keepdim=False)",
    core=False,
    sampling=calls(*_OVER, regions=per_argument(regions(without="vast")) | _MISSING, tiled="all"),
)

# covariances

_ROWS = per_argument(
    regions(without="subnormal huge vast tiny", boundary=(0.0,), large=each((1e3, 1e6), (1e2, 1e4), signed=True), offset=both(10.0, 14.0))
)  # fmt: skip
_COUNTS, _SHARES = Choice("given", values=(1, 3, 0, 2)), Choice("given", values=(0.5, 1.25, 0.0, 2.0))
_OBSERVED = (
    ("regular", (2, 4), {}),
    ("three", (3, 3), {}),
    ("vector", (5,), {}),
    ("row", (1, 4), {}),
    ("stacked", (4, 2), {}),
)
operator("cov(input, *, correction=1, fweights=None, aweights=None)", core=False, sampling=more(more(more(calls(
    *_OBSERVED, ("regular", (2, 4), {"correction": 0}), ("regular", (2, 4), {"correction": 2}), regions=_ROWS | {"constant": (rows(-2.0, 2.0),)}, complex=True, structured="any",
), ("counts", (2, 4), (4,), {"choices": {"fweights": _COUNTS}}), ("counts-vector", (4,), (4,), {"correction": 0, "choices": {"fweights": _COUNTS}}), arguments=("input", "fweights")),
   ("shares", (2, 4), (4,), {"choices": {"aweights": _SHARES}}), ("weights", (2, 3), (3,), {"ranges": {"aweights": both(0.5, 2.0)}}),
   ("weights-uncorrected", (2, 3), (3,), {"correction": 0, "ranges": {"aweights": both(0.5, 2.0)}}), arguments=("input", "aweights")),
   ("both", (2, 4), (4,), (4,), {"choices": {"fweights": _COUNTS}, "ranges": {"aweights": both(0.5, 2.0)}}), arguments=("input", "fweights", "aweights")))  # fmt: skip
_ALIGNED = points(1.0, 2.0, 4.0)  # the same row twice: the correlation is as large as there are
_UNEVEN = {  # drawn in strata, in order, rows would be lines, whose correlation is 1
    "ordinary": points(0.5, -1.25, 2.125, 0.75, -2.5, 1.5, 3.0), "negative": points(-0.5, -1.25, -2.125, -0.75, -2.5, -1.5, -3.0),
    "offset": points(10.5, 12.25, 13.0, 11.125, 10.0, 14.5, 12.75), "large": points(1500.0, -9000.0, 4250.0, 800.0, -2048.0, 6100.0, -3300.0),
}  # fmt: skip
operator("corrcoef(input)", core=False, sampling=varied(calls(
    *_OBSERVED, ("aligned", (2, 3), {"ranges": {"input": _ALIGNED}}), regions=per_argument(_UNEVEN), structured="any",
), complex=True))  # fmt: skip
