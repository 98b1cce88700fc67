"""The same numbers by other roads: orders of summation, wider accumulators, other formulas, fused steps, no subnormals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from conformance.faults.harmless.registry import harmless
from conformance.faults.mutation.rows import forget_plans, rows

_SUMS = ("sum", "mean", "nansum", "nanmean", "var", "std", "linalg.vecdot")
_PRODUCTS = ("matmul", "mm", "bmm", "addmm", "dot", "inner", "tensordot", "nn.functional.linear")


def _kernel(row: str, make: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    """Computes an operator by the function that `make` gives for the one it has now; NumPy's arrays only."""
    operator = rows()[row]
    right = operator.kernel
    operator.kernel, operator.direct = make(right), None
    operator.runs.clear()
    for each in rows().values():
        forget_plans(each)


def _wider(x: Any) -> Any:
    """Double precision for single, and what NumPy's longest floats are for double."""
    if not isinstance(x, np.ndarray | np.generic):
        return x
    wide = {"f4": "f8", "f8": "longdouble", "c8": "c16", "c16": "clongdouble"}.get(x.dtype.str[1:])
    return x.astype(wide) if wide else x


def _in_wider(right: Callable[..., Any]) -> Callable[..., Any]:
    def kernel(xp: Any, *xs: Any, **attrs: Any) -> Any:
        y = right(xp, *map(_wider, xs), **attrs)
        dtype = np.result_type(*(x for x in xs if isinstance(x, np.ndarray)))
        return np.asarray(y).astype(dtype) if np.asarray(y).dtype.kind == dtype.kind else y

    return kernel


def _summed(add: Callable[[Any, Any, bool], Any]) -> Callable[..., Any]:
    def kernel(xp: Any, x: Any, *, dim: Any, keepdim: bool) -> Any:
        return add(x, dim, keepdim) if isinstance(x, np.ndarray) and x.size else xp.sum(x, axis=dim, keepdims=keepdim)

    return kernel


@harmless("sums-backwards", operators=_SUMS)
def sums_backwards(_engine: Any) -> None:
    """Sums start from the last element."""
    _kernel(
        "reduction.sum", lambda _: _summed(lambda x, dim, keepdim: np.sum(np.flip(x, dim), axis=dim, keepdims=keepdim))
    )


@harmless("sums-one-by-one", operators=_SUMS)
def sums_one_by_one(_engine: Any) -> None:
    """Sums add one element after the other, not in pairs."""

    def add(x: Any, dim: Any, keepdim: bool) -> Any:
        dims = tuple(range(x.ndim)) if dim is None else dim
        for d in sorted((d % x.ndim for d in dims), reverse=True) if x.ndim else ():
            x = np.take(np.cumsum(x, axis=d), [-1], axis=d)
        return x if keepdim else np.squeeze(x, tuple(d % x.ndim for d in dims) if x.ndim else ())

    _kernel("reduction.sum", lambda _: _summed(add))


@harmless("sums-in-wider-precision", operators=_SUMS)
def sums_in_wider_precision(_engine: Any) -> None:
    """Sums of float32 are accumulated in float64, and those of float64 in longer floats."""
    _kernel("reduction.sum", _in_wider)


@harmless("sums-odd-before-even", operators=_SUMS)
def sums_odd_before_even(_engine: Any) -> None:
    """Sums are two sums of every other element, as of a vector unit."""

    def add(x: Any, dim: Any, keepdim: bool) -> Any:
        d = 0 if dim is None else dim[0] if dim else None
        if d is None or not x.ndim:
            return np.sum(x, axis=dim, keepdims=keepdim)
        halves = [np.take(x, np.arange(i, x.shape[d], 2), axis=d) for i in (0, 1)]
        return sum(np.sum(h, axis=dim, keepdims=keepdim) for h in halves)

    _kernel("reduction.sum", lambda _: _summed(add))


@harmless("products-in-wider-precision", operators=_PRODUCTS)
def products_in_wider_precision(_engine: Any) -> None:
    """Products of matrices are accumulated in wider precision and rounded once."""
    _kernel("linalg.matmul", _in_wider)


@harmless("products-by-outer-products", operators=_PRODUCTS)
def products_by_outer_products(_engine: Any) -> None:
    """Products of matrices are sums of outer products."""

    def make(right: Any) -> Any:
        def kernel(xp: Any, a: Any, b: Any) -> Any:
            if a.ndim < 2 or b.ndim < 2 or not a.shape[-1]:
                return right(xp, a, b)
            terms = [a[..., :, k, None] * b[..., None, k, :] for k in range(a.shape[-1])]
            return sum(terms[1:], terms[0])

        return kernel

    _kernel("linalg.matmul", make)


@harmless("products-by-blocks", operators=_PRODUCTS)
def products_by_blocks(_engine: Any) -> None:
    """Products of matrices add up blocks of two columns and rows."""

    def make(right: Any) -> Any:
        def kernel(xp: Any, a: Any, b: Any) -> Any:
            if a.ndim < 2 or b.ndim < 2 or not a.shape[-1]:
                return right(xp, a, b)
            parts = [right(xp, a[..., k : k + 2], b[..., k : k + 2, :]) for k in range(0, a.shape[-1], 2)]
            return sum(parts[1:], parts[0])

        return kernel

    _kernel("linalg.matmul", make)


@harmless("convolutions-in-wider-precision", operators=("nn.functional.conv1d", "nn.functional.conv2d"))
def convolutions_in_wider_precision(_engine: Any) -> None:
    """Convolutions of float32 and their transposes are accumulated in float64."""

    def make(right: Any) -> Any:
        def kernel(xp: Any, x: Any, w: Any, **attrs: Any) -> Any:
            if x.dtype != np.float32:
                return right(xp, x, w, **attrs)
            return right(xp, x.astype(np.float64), w.astype(np.float64), **attrs).astype(np.float32)

        return kernel

    for row in ("convolution", "convolution_input", "convolution_weight"):
        _kernel(f"convolution.{row}", make)


@harmless("fused-multiply-add", operators=("lerp", "addcmul", "addcdiv", "hypot"))
def fused_multiply_add(_engine: Any) -> None:
    """Lerp and hypot round once, at their end, as fused instructions do."""
    for row in ("arithmetic.lerp", "arithmetic.hypot"):
        _kernel(row, _in_wider)


@harmless("flush-to-zero", operators=("add", "mul", "div", "exp", "sin", "tanh", "square", "sigmoid"))
def flush_to_zero(_engine: Any) -> None:
    """Results that are subnormal are zero; no feature claims otherwise."""

    def make(right: Any) -> Any:
        def kernel(xp: Any, *xs: Any, **attrs: Any) -> Any:
            y = np.asarray(right(xp, *xs, **attrs))
            return np.where(np.abs(y) < np.finfo(y.dtype).tiny, y * 0, y) if y.dtype.kind == "f" else y

        return kernel

    for row in ("arithmetic.mul", "arithmetic.div", "elementary.exp", "arithmetic.square", "elementary.sigmoid"):
        _kernel(row, make)


def _real_only(formula: Callable[[Any], Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A function of one real argument by another formula; everything else as it was."""

    def make(right: Any) -> Any:
        def kernel(xp: Any, x: Any, **attrs: Any) -> Any:
            is_usual = isinstance(x, np.ndarray) and x.dtype.kind == "f" and x.dtype.itemsize >= 4
            if not is_usual:
                return right(xp, x, **attrs)
            with np.errstate(all="ignore"):
                return formula(x).astype(x.dtype)

        return kernel

    return make


@harmless("functions-in-wider-precision", operators=("exp", "log", "sin", "cos", "tan", "tanh", "sinh", "cosh", "atan"))
def functions_in_wider_precision(_engine: Any) -> None:
    """Elementary functions are computed in wider precision and rounded once."""
    for name in ("exp", "log", "sin", "cos", "tan", "tanh", "sinh", "cosh", "atan"):
        _kernel(f"elementary.{name}", _in_wider)


@harmless("functions-one-ulp-off", operators=("exp", "log", "sin", "cos", "tan", "tanh", "atan", "expm1", "log1p"))
def functions_one_ulp_off(_engine: Any) -> None:
    """Elementary functions give the next number towards zero, as fast libraries may."""

    def make(right: Any) -> Any:
        def kernel(xp: Any, x: Any, **attrs: Any) -> Any:
            y = right(xp, x, **attrs)
            is_plain = isinstance(y, np.ndarray) and y.dtype.kind == "f" and y.dtype.itemsize >= 4
            exact = is_plain & ((y == np.round(y)) | ~np.isfinite(y))
            return np.where(exact, y, np.nextafter(y, y.dtype.type(0))) if is_plain else y

        return kernel

    for name in ("exp", "log", "sin", "cos", "tan", "tanh", "atan", "expm1", "log1p"):
        _kernel(f"elementary.{name}", make)


@harmless("sigmoid-by-tanh", operators=("sigmoid", "nn.functional.silu"))
def sigmoid_by_tanh(_engine: Any) -> None:
    """Sigmoid is computed as exp(x) over 1 + exp(x) for negative numbers, and as its mirror image for others."""
    _kernel(
        "elementary.sigmoid",
        _real_only(lambda x: np.where(x < 0, np.exp(-np.abs(x)), 1) / (1 + np.exp(-np.abs(x)))),
    )


@harmless("roots-by-powers", operators=("sqrt", "rsqrt", "std"))
def roots_by_powers(_engine: Any) -> None:
    """Square roots are powers of one half."""
    _kernel(
        "arithmetic.sqrt",
        _real_only(lambda x: np.where(x == 0, x, np.power(np.where(x == 0, 1, x), x.dtype.type(0.5)))),
    )


@harmless("quotients-by-reciprocals", operators=("div", "true_divide", "reciprocal"))
def quotients_by_reciprocals(_engine: Any) -> None:
    """A quotient is the product with a reciprocal where that neither overflows nor underflows."""

    def make(right: Any) -> Any:
        def kernel(xp: Any, a: Any, b: Any) -> Any:
            y = right(xp, a, b)
            if not isinstance(y, np.ndarray) or y.dtype.kind != "f":
                return y
            with np.errstate(all="ignore"):
                other = a * (1 / np.asarray(b, dtype=y.dtype))
            plain = np.isfinite(other) & (np.abs(np.asarray(b)) < 1e30) & (np.abs(y) > 1e-30)
            return np.where(plain, other, y).astype(y.dtype)

        return kernel

    _kernel("arithmetic.div", make)


@harmless("softmax-by-logarithm", operators=("softmax",))
def softmax_by_logarithm(_engine: Any) -> None:
    """Softmax is computed in wider precision, of another shift."""
    _kernel("normalisation.softmax", _in_wider)


@harmless("convolutions-of-flipped-batches", operators=("nn.functional.conv2d",))
def convolutions_of_flipped_batches(_engine: Any) -> None:
    """Convolutions sum over the channels in reverse."""

    def make(right: Any) -> Any:
        def kernel(xp: Any, x: Any, w: Any, **attrs: Any) -> Any:
            if attrs["groups"] != 1:
                return right(xp, x, w, **attrs)
            return right(xp, np.flip(x, 1), np.flip(w, 1), **attrs)

        return kernel

    _kernel("convolution.convolution", make)


@harmless("cumulative-sums-in-wider-precision", operators=("cumsum", "cumprod", "logcumsumexp"))
def cumulative_sums_in_wider_precision(_engine: Any) -> None:
    """Running sums and products are accumulated in wider precision."""
    for row in ("cumsum", "cumprod"):
        _kernel(f"cumulative.{row}", _in_wider)
