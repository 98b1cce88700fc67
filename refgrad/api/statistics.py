"""Quantiles, covariances and correlations, with the signatures of `torch`."""

from __future__ import annotations

import warnings
from typing import Any

from refgrad import dtypes
from refgrad.api.forms import one_dim
from refgrad.api.linalg import mm
from refgrad.api.naming import recorded_as
from refgrad.ops.arithmetic import bounded, lerp
from refgrad.ops.sorting import sort
from refgrad.tensor import Tensor

_INTERPOLATIONS = ("linear", "lower", "higher", "midpoint", "nearest")


@recorded_as("SqueezeBackward4")
def quantile(
    input: Tensor, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear"
) -> Tensor:
    """The q-th quantiles of all elements, or of those along the dimension: a dimension of `q` comes first.

    A nan among the elements makes the quantile nan.

    >>> from refgrad import tensor
    >>> (
    ...     quantile(tensor([3.0, 1.0, 2.0, 5.0]), 0.5).item(),
    ...     quantile(tensor([3.0, 1.0, 2.0]), 0.6, interpolation="higher").item(),
    ... )
    (2.5, 3.0)
    """
    return _quantile(input, q, dim, keepdim, interpolation, skips_nan=False)


@recorded_as("SqueezeBackward4")
def nanquantile(
    input: Tensor, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear"
) -> Tensor:
    """The quantiles of the elements that are not nan."""
    return _quantile(input, q, dim, keepdim, interpolation, skips_nan=True)


def _quantile(x: Tensor, q: Any, dim: int | None, keepdim: bool, interpolation: str, *, skips_nan: bool) -> Tensor:
    q = _levels(x, q)
    if interpolation not in _INTERPOLATIONS:
        raise RuntimeError(
            f"quantile() interpolation must be one of {', '.join(_INTERPOLATIONS[:-1])} or {_INTERPOLATIONS[-1]}, "
            f"but got {interpolation}"
        )
    ones = (1,) * x.ndim if dim is None else tuple(1 if d == one_dim(dim, x.ndim) else n for d, n in enumerate(x.shape))
    rows = x.reshape(-1) if dim is None or not x.ndim else x.movedim(dim, -1)
    found = _at_ranks(sort(rows, dim=-1, descending=False)[0], q.reshape(-1), interpolation, skips_nan)
    kept = ones if keepdim else tuple(rows.shape[:-1])
    return found.movedim(-1, 0).reshape((*q.shape, *kept))


def _levels(x: Tensor, q: Any) -> Tensor:
    """`q` as a tensor, after the checks that PyTorch makes."""
    from refgrad.creation import tensor

    if not isinstance(q, Tensor):
        if not 0 <= q <= 1:
            raise RuntimeError(f"quantile() q must be in the range [0, 1] but got {q}")
        q = tensor(q, dtype=x.dtype, device=x.device)
    for wrong, message in (
        (not x.numel(), "input tensor must be non-empty"),
        (q.ndim > 1, "q must be a scalar or 1D tensor"),
        (x.dtype not in (dtypes.float32, dtypes.float64), "input tensor must be either float or double dtype"),
        (q.dtype != x.dtype, "q tensor must be same dtype as the input tensor"),
    ):
        if wrong:
            raise RuntimeError(f"quantile() {message}")
    if x.device.type == "cpu" and q._level is None and bool(((q < 0) | (q > 1)).any()):
        raise RuntimeError("quantile() q values must be in the range [0, 1]")
    return q


def _at_ranks(row: Tensor, q: Tensor, interpolation: str, skips_nan: bool) -> Tensor:
    """(…, n) in order and (k,) -> (…, k): what lies at the ranks, between neighbours where a rank is no whole number."""
    missing = row.isnan()
    last = row.shape[-1] - 1
    if skips_nan:
        count = (~missing).sum(-1, True).to(row.dtype)
        ranks = q * (count - 1).clamp(min=0)
    else:
        ranks = (q * last).masked_fill(missing.any(-1, True), last)  # where the nan is
    ranks = ranks.expand((*row.shape[:-1], q.numel()))
    if interpolation in ("lower", "higher", "nearest"):
        whole = {"lower": ranks.floor, "higher": ranks.ceil, "nearest": ranks.round}[interpolation]()
        return row.gather(-1, whole.long())
    below = ranks.detach().floor()
    weight = ranks - below if interpolation == "linear" else ranks * 0 + 0.5
    return lerp(row.gather(-1, below.long()), row.gather(-1, ranks.detach().ceil().long()), weight)


def cov(
    input: Tensor, *, correction: int = 1, fweights: Tensor | None = None, aweights: Tensor | None = None
) -> Tensor:
    """The covariances of the rows, whose columns are observations, repeated `fweights` times or weighted by `aweights`."""
    x = _observations("cov", input)
    if input.dtype.name == "bool":
        raise RuntimeError("cov(): bool dtype is not supported for input")
    w = _weights(x, fweights, aweights)
    total: Any = x.shape[1] if w is None else w.sum()
    if w is not None and not x._data.shape[1] == 0 and bool(total == 0):
        raise RuntimeError("cov(): weights sum to zero, can't be normalized")
    centred = x - ((x if w is None else x * w).sum(1, True) / total)
    freedom = total - correction
    if aweights is not None and correction:
        freedom = total - correction * (w * aweights).sum() / total
    if bool(freedom <= 0):
        warnings.warn(
            "cov(): degrees of freedom is <= 0. Correction should be strictly less than the number of observations.",
            UserWarning,
            stacklevel=2,
        )
        freedom = freedom * 0.0
    return (mm(centred, (centred if w is None else centred * w).t().conj()) / freedom).squeeze()


def _observations(name: str, input: Tensor) -> Tensor:
    """The input as a matrix of variables and observations."""
    if input.ndim > 2:
        raise RuntimeError(
            f"{name}(): expected input to have two or fewer dimensions but got an input with {input.ndim} dimensions"
        )
    return input if input.ndim == 2 else input.reshape(1, -1)


def _weights(x: Tensor, fweights: Tensor | None, aweights: Tensor | None) -> Tensor | None:
    """The product of both weights, or None."""
    found = None
    for name, w, fits, kind in (
        ("fweights", fweights, fweights is not None and fweights.dtype.name[:3] in ("int", "uin"), "integral"),
        ("aweights", aweights, aweights is not None and aweights.dtype.is_floating_point, "floating point"),
    ):
        if w is None:
            continue
        if w.ndim > 1:
            raise RuntimeError(
                f"cov(): expected {name} to have one or fewer dimensions but got {name} with {w.ndim} dimensions"
            )
        if not fits:
            raise RuntimeError(f"cov(): expected {name} to have {kind} dtype but got {name} with {w.dtype} dtype")
        if w.numel() != x.shape[1]:
            raise RuntimeError(
                f"cov(): expected {name} to have the same numel as there are observations in the input but got "
                f"{w.numel()} != {x.shape[1]}"
            )
        if bool((w < 0).any()):
            raise RuntimeError(f"cov(): {name} cannot be negative")
        found = w if found is None else found * w
    return found


def corrcoef(input: Tensor) -> Tensor:
    """The correlation coefficients of the rows, kept within [-1, 1], real and imaginary parts each; nan of a constant row.

    >>> from refgrad import tensor
    >>> corrcoef(tensor([[1.0, 2.0, 4.0], [-1.0, -2.0, -4.0]])).tolist()
    [[1.0, -1.0], [-1.0, 1.0]]
    """
    _observations("corrcoef", input)
    c = cov(input)
    if not c.ndim:
        return c / c
    d = c.diagonal()
    deviation = (d.real if c.dtype.is_complex else d).sqrt()
    return bounded(c / deviation.unsqueeze(1) / deviation.unsqueeze(0), low=-1.0, high=1.0)
