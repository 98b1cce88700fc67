"""Integrals and derivatives of sampled functions, with the signatures of `torch`."""

from __future__ import annotations

from typing import Any

from refgrad.api.cumulative import cumsum, diff
from refgrad.api.forms import NUMBERS, one_dim
from refgrad.api.naming import recorded_as
from refgrad.api.reduction import sum
from refgrad.ops.shape import cat
from refgrad.tensor import Tensor


@recorded_as(lambda _integral, y, x=None, **_: "MulBackward1" if x is None else "DivBackward1")
def trapezoid(y: Tensor, x: Tensor | None = None, *, dx: Any = 1, dim: int = -1) -> Tensor:
    """The integral along the dimension by the trapezoidal rule, over the places `x`, or over steps `dx`.

    >>> from refgrad import tensor
    >>> trapezoid(tensor([1.0, 2.0, 4.0]), tensor([0.0, 1.0, 3.0])).item()
    7.5
    """
    dim = _dimension("trapezoid", y, x, dim)
    if x is None:
        return sum(_trapezia(y, dim), dim) / 2 * dx
    return sum(_trapezia(y, dim) * _steps("trapezoid", y, x, dim), dim) / 2 if y.shape[dim] else sum(y, dim)


trapz = trapezoid


@recorded_as(lambda _integrals, y, x=None, **_: None if x is None else "DivBackward1")
def cumulative_trapezoid(y: Tensor, x: Tensor | None = None, *, dx: Any = 1, dim: int = -1) -> Tensor:
    """The integrals by the trapezoidal rule up to each place but the first."""
    dim = _dimension("cumulative_trapezoid", y, x, dim)
    if x is None:
        return cumsum(_trapezia(y, dim) * (dx / 2), dim)
    return cumsum(_trapezia(y, dim) * _steps("cumulative_trapezoid", y, x, dim), dim) / 2


def _dimension(name: str, y: Tensor, x: Tensor | None, dim: int) -> int:
    """The dimension counted from the front, after the checks that PyTorch makes."""
    if y.dtype.name == "bool" or (x is not None and x.dtype.name == "bool"):
        given = "`y`" if x is None else "`x` or `y`"
        raise RuntimeError(f"{name}: received a bool input for {given}, but bool is not supported")
    if not y.ndim:
        raise IndexError(f"{name}: there are no samples along dimension {dim} of a tensor that has no dimensions")
    return one_dim(dim, y.ndim)


def _trapezia(y: Tensor, dim: int) -> Tensor:
    """The sums of neighbours."""
    n = max(y.shape[dim] - 1, 0)
    return y.narrow(dim, min(1, y.shape[dim]), n) + y.narrow(dim, 0, n)


def _steps(name: str, y: Tensor, x: Tensor, dim: int) -> Tensor:
    """The widths between places: given once along the dimension, or in the last dimensions of the samples."""
    if x.ndim == 1:
        if x.shape[0] != y.shape[dim]:
            raise RuntimeError(
                f"{name}: There must be one `x` value for each sample point; there are {x.shape[0]} for {y.shape[dim]}"
            )
        x = x.reshape(tuple(-1 if d == dim else 1 for d in range(y.ndim)))
    elif x.ndim < y.ndim:
        x = x.reshape((*(1,) * (y.ndim - x.ndim), *x.shape))
    return diff(x, dim=dim)


def gradient(input: Tensor, *, spacing: Any = 1, dim: Any = None, edge_order: int = 1) -> tuple[Tensor, ...]:
    """The derivatives along each of the dimensions, of second order inside and of `edge_order` at both ends.

    The samples lie `spacing` apart, one number for all or one for each dimension, or at the places that it holds.

    >>> from refgrad import tensor
    >>> gradient(tensor([0.0, 1.0, 4.0, 9.0]), edge_order=2)[0].tolist()
    [0.0, 2.0, 4.0, 6.0]
    """
    along = list(range(input.ndim)) if dim is None else [dim] if isinstance(dim, int) else list(dim)
    spacings = [spacing] * len(along) if isinstance(spacing, NUMBERS) else list(spacing)
    if len(spacings) != len(along):
        raise RuntimeError(_miscounted(len(spacings), input.ndim, None if dim is None else len(along)))
    along = [one_dim(d, input.ndim) for d in along]
    _check_gradient(input, spacings, along, edge_order)
    return tuple(_slope(input, d, s, edge_order) for d, s in zip(along, spacings, strict=True))


def _miscounted(given: int, ndim: int, dims: int | None) -> str:
    if dims is None:
        return (
            "torch.gradient expected spacing to be unspecified, a scalar, or a list of length equal to 'self.dim() = "
            f"{ndim}', since dim argument was not given, but got a list of length {given}"
        )
    return (
        "torch.gradient expected spacing to be unspecified, a scalar or it's spacing and dim arguments to have the same "
        f"length, but got a spacing argument of length {given} and a dim argument of length {dims}."
    )


def _check_gradient(input: Tensor, spacings: list[Any], along: list[int], edge_order: int) -> None:
    if input.dtype.name == "uint8":
        raise RuntimeError("torch.gradient does not support uint8 input.")
    if edge_order not in (1, 2):
        raise RuntimeError(f"torch.gradient only supports edge_order=1 and edge_order=2, not {edge_order}.")
    for d, spacing in zip(along, spacings, strict=True):
        if along.count(d) > 1:
            raise RuntimeError(f"dim {d} appears multiple times in the list of dims")
        if input.shape[d] < edge_order + 1:
            raise RuntimeError(
                f"torch.gradient expected each dimension size to be at least edge_order+1; dimension {d} has size "
                f"{input.shape[d]} and edge_order is {edge_order}"
            )
        if isinstance(spacing, Tensor) and spacing.ndim != 1:
            raise RuntimeError(
                "torch.gradient expected each element of spacing to have one dimension, but got an element with "
                f"{spacing.ndim} dimensions!"
            )


def _slope(f: Tensor, dim: int, spacing: Any, edge_order: int) -> Tensor:
    """The derivative along one dimension: at each place that of the parabola, or at ends the line, through what is near."""
    n = f.shape[dim]
    steps, left, right = spacing, 0.5, 0.5
    if isinstance(spacing, Tensor):
        steps = diff(spacing).reshape(tuple(-1 if d == dim else 1 for d in range(f.ndim)))
        before, after = steps.narrow(dim, 0, n - 2), steps.narrow(dim, 1, n - 2)
        left, right = after / (before + after), before / (before + after)  # what is nearer counts more
    slopes = diff(f, dim=dim) / steps
    first, second = slopes.narrow(dim, 0, n - 2), slopes.narrow(dim, 1, n - 2)  # on both sides of each inner place
    if isinstance(spacing, Tensor):
        inner = first * left + second * right
    else:
        inner = (f.narrow(dim, 2, n - 2) - f.narrow(dim, 0, n - 2)) / spacing / 2
    edges = [slopes.narrow(dim, 0, 1), slopes.narrow(dim, n - 2, 1)]
    if edge_order == 2:
        edges = _ends(first, second, left, right, dim)
    return cat(edges[0], inner, edges[1], dim=dim)


def _ends(first: Tensor, second: Tensor, left: Any, right: Any, dim: int) -> list[Tensor]:
    """The slopes of the first and of the last parabola at their outer ends."""
    bend = second - first
    last = first.shape[dim] - 1
    low, high = first - bend * right, second + bend * left
    return [low.narrow(dim, 0, 1), high.narrow(dim, last, 1)]
