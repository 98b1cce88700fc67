"""Arrays of real balls (python-flint's `arb`): every value with a proven error bound. Mirrors `refgrad.backends.numpy`.

Importing it registers `BallArray`. Structure is NumPy's, on arrays of objects; comparisons have three answers; what only
keeps numbers in range (shifts, pivots) compares midpoints. Products of matrices and what solves with them: `ball_linalg`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cmp_to_key
from typing import Any

import numpy as np
from flint import acb, arb

from refgrad.backends import numpy as numpy_backend
from refgrad.backends import register
from refgrad.backends.ball_arithmetic import Tape, arithmetic, decide, is_nan, widens
from refgrad.backends.ball_array import (
    BallArray,
    balls,
    elements,
    elementwise,
    equal,
    finished,
    greater,
    greater_equal,
    less,
    less_equal,
    not_equal,
    power,
    result_dtype,
)
from refgrad.backends.ball_linalg import det, linalg
from refgrad.errors import Undecided

__all__ = [
    "BallArray",
    "Tape",
    "arithmetic",
    "det",
    "equal",
    "greater",
    "greater_equal",
    "less",
    "less_equal",
    "linalg",
    "not_equal",
]

ARRAY_TYPES = (BallArray,)
PLAIN_RULES = True  # tolerances come from the textbook formulas, not from what a row does better
DEVICE = "cpu"
ndarray = BallArray
pi, e, inf, nan, newaxis = np.pi, np.e, np.inf, np.nan, None


# elementary and special functions, by the name of flint's method


def _method(name: str) -> Callable[..., Any]:
    return lambda x: elementwise(lambda v: getattr(v, name)(), x)


exp, expm1, log, log1p = map(_method, ("exp", "expm1", "log", "log1p"))
sqrt, rsqrt = map(_method, ("sqrt", "rsqrt"))
sin, cos, tan = map(_method, ("sin", "cos", "tan"))
asin, acos, atan = arcsin, arccos, arctan = tuple(map(_method, ("asin", "acos", "atan")))
sinh, cosh, tanh = map(_method, ("sinh", "cosh", "tanh"))
asinh, acosh, atanh = arcsinh, arccosh, arctanh = tuple(map(_method, ("asinh", "acosh", "atanh")))
erf, erfc, erfinv = map(_method, ("erf", "erfc", "erfinv"))
digamma = psi = _method("digamma")
gamma = _method("gamma")


def _formula(f: Callable[..., Any]) -> Callable[..., Any]:
    """An elementwise function from one formula in balls; the formula counts as one function value."""
    return lambda *xs: elementwise(f, *xs)


def _real(x: Any) -> Any:
    """Where flint has a function for complex balls only."""
    return x.real if isinstance(x, acb) else x


lgamma = gammaln = _formula(lambda x: abs(x.gamma()).log() if x < 0 else x.lgamma())
square = _formula(lambda x: x * x)
reciprocal = _formula(lambda x: 1 / x)
cbrt = _formula(lambda x: x.root(3) if x >= 0 else -(-x).root(3))
exp2 = _formula(lambda x: arb(2) ** x)
log2 = _formula(lambda x: x.log() / arb(2).log())
log10 = _formula(lambda x: x.log() / arb(10).log())
sigmoid = expit = _formula(lambda x: 1 / (1 + (-x).exp()) if x.mid() >= 0 else x.exp() / (1 + x.exp()))
logit = _formula(lambda x: (x / (1 - x)).log())
sinc = _formula(lambda x: x.sinc_pi())
erfcx = _formula(lambda x: (x * x).exp() * x.erfc())
ndtr = _formula(lambda x: (-x / arb(2).sqrt()).erfc() / 2)
log_ndtr = _formula(lambda x: ((-x / arb(2).sqrt()).erfc() / 2).log())
ndtri = _formula(lambda p: arb(2).sqrt() * (2 * p - 1).erfinv())
i0 = _formula(lambda x: _bessel_i(x, 0))
i1 = _formula(lambda x: _bessel_i(x, 1))
i0e = _formula(lambda x: _bessel_i(x, 0) * (-abs(x)).exp())
i1e = _formula(lambda x: _bessel_i(x, 1) * (-abs(x)).exp())
j0 = _formula(lambda x: x.bessel_j(arb(0)))
j1 = _formula(lambda x: x.bessel_j(arb(1)))
atan2 = arctan2 = _formula(lambda y, x: arb.atan2(y, x))
hypot = _formula(lambda x, y: (x * x + y * y).sqrt())
logaddexp = _formula(lambda x, y: _logaddexp(x, y))
logaddexp2 = _formula(lambda x, y: _logaddexp(x * arb(2).log(), y * arb(2).log()) / arb(2).log())
ldexp = _formula(lambda x, y: x * arb(2) ** y)
xlogy = _formula(lambda x, y: arb(0) if x.is_zero() else x * y.log())
xlog1py = _formula(lambda x, y: arb(0) if x.is_zero() else x * y.log1p())
entr = _formula(lambda x: arb(0) if x.is_zero() else -x * x.log())
zeta = _formula(lambda x, q: x.zeta(q))
pow, float_power = power, power
deg2rad = radians = _formula(lambda x: x * arb.pi() / 180)
rad2deg = degrees = _formula(lambda x: x * 180 / arb.pi())


def iv(order: int, x: Any) -> BallArray:
    """The modified Bessel function of the first kind."""
    return elementwise(lambda v: _bessel_i(v, order), x)


def polygamma(n: Any, x: Any) -> BallArray:
    """The n-th derivative of digamma."""
    return elementwise(lambda v: _real(acb(v).polygamma(acb(int(n)))), x)


def multigammaln(x: Any, p: int) -> BallArray:
    """The logarithm of the multivariate gamma function."""

    def value(v: arb) -> arb:
        total = arb.pi().log() * p * (p - 1) / 4
        for j in range(p):
            total = total + (v - arb(j) / 2).lgamma()
        return total

    return elementwise(value, x)


def _bessel_i(x: arb, order: int) -> arb:
    return x.bessel_i(arb(order))


def _logaddexp(x: arb, y: arb) -> arb:
    m = x.mid() if x.mid() > y.mid() else y.mid()  # an exact shift: any would do
    return m + ((x - m).exp() + (y - m).exp()).log()


# arithmetic


def add(a: Any, b: Any) -> Any:
    return _lift(a, b) + b


def subtract(a: Any, b: Any) -> Any:
    return _lift(a, b) - b


def multiply(a: Any, b: Any) -> Any:
    return _lift(a, b) * b


def divide(a: Any, b: Any) -> Any:
    return _lift(a, b) / b


true_divide = divide


def _lift(a: Any, b: Any) -> BallArray:
    return a if isinstance(a, BallArray) else BallArray(balls(a, result_dtype(a, b)), result_dtype(a, b))


def negative(x: BallArray) -> BallArray:
    return -x


def abs(x: BallArray) -> BallArray:
    return x.__abs__()


absolute = fabs = abs


def conj(x: BallArray) -> BallArray:
    return elementwise(lambda v: v.conjugate(), x, exact=True) if x.dtype.kind == "c" else x


conjugate = conj


def real(x: BallArray) -> BallArray:
    return x.real


def imag(x: BallArray) -> BallArray:
    return x.imag


# functions that decide


def where(condition: Any, a: Any, b: Any) -> BallArray:
    """Elements of `a` where the condition holds, of `b` elsewhere."""
    dtype = result_dtype(a, b)
    condition = condition if isinstance(condition, (np.ndarray, np.generic, bool)) else condition != 0
    return BallArray(np.where(condition, balls(a, dtype), balls(b, dtype)), dtype)


def maximum(a: Any, b: Any) -> BallArray:
    return where(greater_equal(_lift(a, b), b), a, b)


def minimum(a: Any, b: Any) -> BallArray:
    return where(less_equal(_lift(a, b), b), a, b)


fmax, fmin = maximum, minimum


def clip(x: Any, min: Any = None, max: Any = None, **named: Any) -> BallArray:
    """`x` between the bounds."""
    low, high = named.get("a_min", min), named.get("a_max", max)
    x = x if low is None else maximum(x, low)
    return x if high is None else minimum(x, high)


def _rounding(name: str, f: Callable[[arb], arb]) -> Callable[..., Any]:
    def exactly(v: arb) -> int | float:
        if not v.is_finite():
            return float("nan") if is_nan(v) else float(v)
        n = f(v).unique_fmpz()
        if n is None:
            raise Undecided(name)
        return int(n)

    def function(x: BallArray, *_decimals: int) -> BallArray:
        whole = np.frompyfunc(exactly, 1, 1)
        found = decide(name, x.shape, lambda: np.asarray(whole(x.data), object))
        return BallArray(balls_of_integers(found), x.dtype)

    return function


def balls_of_integers(x: np.ndarray) -> np.ndarray:
    return np.asarray(np.frompyfunc(arb, 1, 1)(x), object)


def _half_even(v: arb) -> arb:
    low = (v + arb(0.5)).floor()
    n = low.unique_fmpz()
    tie = n is not None and int(n) % 2 and (v + arb(0.5)).is_exact() and v + arb(0.5) == low
    return low - 1 if tie else low


floor = _rounding("floor", lambda v: v.floor())
ceil = _rounding("ceil", lambda v: v.ceil())
trunc = fix = _rounding("trunc", lambda v: v.floor() if v >= 0 else v.ceil())
round = rint = around = _rounding("round", _half_even)
_sign = _rounding("sign", lambda v: v.sgn())


def sign(x: BallArray) -> BallArray:
    return _sign(x)


def fmod(a: Any, b: Any) -> BallArray:
    """The remainder with the sign of `a`."""
    return a - trunc(_lift(a, b) / b) * b


def remainder(a: Any, b: Any) -> BallArray:
    """The remainder with the sign of `b`."""
    return a - floor(_lift(a, b) / b) * b


mod = remainder


def floor_divide(a: Any, b: Any) -> BallArray:
    return floor(_lift(a, b) / b)


def copysign(a: Any, b: Any) -> BallArray:
    return where(signbit(b), -abs(_lift(a, b)), abs(_lift(a, b)))


def signbit(x: Any) -> np.ndarray:
    return less(x, 0) if isinstance(x, BallArray) else np.signbit(x)


def nan_to_num(x: BallArray, **_replacements: Any) -> BallArray:
    """`x` itself: balls of finite numbers hold nothing to replace."""
    return x


def heaviside(x: BallArray, values: Any) -> BallArray:
    return where(x == 0, values, where(x > 0, ones_like(x), zeros_like(x)))


def isnan(x: BallArray) -> np.ndarray:
    return np.asarray(np.frompyfunc(is_nan, 1, 1)(x.data)).astype(bool)


def isfinite(x: BallArray) -> np.ndarray:
    return np.asarray(np.frompyfunc(lambda v: v.is_finite(), 1, 1)(x.data)).astype(bool)


def isinf(x: BallArray) -> np.ndarray:
    return ~(isnan(x) | isfinite(x))


def logical_not(x: Any) -> np.ndarray:
    return x == 0


def logical_and(a: Any, b: Any) -> np.ndarray:
    return np.logical_and(_truth(a), _truth(b))


def logical_or(a: Any, b: Any) -> np.ndarray:
    return np.logical_or(_truth(a), _truth(b))


def logical_xor(a: Any, b: Any) -> np.ndarray:
    return np.logical_xor(_truth(a), _truth(b))


def any(x: Any, axis: Any = None, keepdims: bool = False) -> np.ndarray:
    return np.any(_truth(x), axis=axis, keepdims=keepdims)


def all(x: Any, axis: Any = None, keepdims: bool = False) -> np.ndarray:
    return np.all(_truth(x), axis=axis, keepdims=keepdims)


def count_nonzero(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.count_nonzero(_truth(x), axis=axis, keepdims=keepdims)


invert = np.invert


def _truth(x: Any) -> Any:
    return x != 0 if isinstance(x, BallArray) else x


# orders


def argsort(x: BallArray, axis: int = -1, **_kind: Any) -> np.ndarray:
    """A stable ascending order."""

    def order(row: np.ndarray) -> list[int]:
        return sorted(range(len(row)), key=cmp_to_key(lambda i, j: _order(row[i], row[j])))

    return decide("argsort", x.shape, lambda: _along(order, x.data, axis))


def _order(a: Any, b: Any) -> int:
    if a < b:
        return -1
    if a > b:
        return 1
    if a == b:
        return 0
    if is_nan(a) or is_nan(b):
        return int(is_nan(a)) - int(is_nan(b))
    raise Undecided("argsort")


def _along(order: Callable[[np.ndarray], list[int]], data: np.ndarray, axis: int) -> np.ndarray:
    if not data.ndim:
        return np.zeros((), np.int64)
    rows = np.moveaxis(data, axis, -1)
    found = np.empty(rows.shape, np.int64)
    for i in np.ndindex(rows.shape[:-1]):
        found[i] = order(rows[i])
    return np.moveaxis(found, -1, axis)


def sort(x: BallArray, axis: int = -1, **kind: Any) -> BallArray:
    return take_along_axis(x, argsort(x, axis, **kind), axis) if x.ndim else x


def _extremum(name: str, sign: int) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The functions that give the extreme element over some axes, and its first position over one."""

    def first(row: np.ndarray) -> int:
        best = 0
        for i in range(1, len(row)):
            if _order(row[i], row[best]) == sign:
                best = i
        return best

    def position(x: BallArray, axis: int | None = None, keepdims: bool = False) -> np.ndarray:
        data = x.data.reshape(-1) if axis is None else np.moveaxis(x.data, axis, -1)
        shape = data.shape[:-1]

        def compute() -> np.ndarray:
            return np.array([first(data[i]) for i in np.ndindex(shape)], np.int64).reshape(shape)

        found = decide(f"arg{name}", shape, compute)
        if not keepdims:
            return found
        return found.reshape((1,) * x.ndim) if axis is None else np.expand_dims(found, axis)

    def extreme(x: BallArray, axis: Any = None, keepdims: bool = False, **_initial: Any) -> BallArray:
        axes = (
            tuple(range(x.ndim)) if axis is None else tuple(a % x.ndim for a in np.atleast_1d(axis)) if x.ndim else ()
        )
        if not axes or not x.size:
            return x if not axes else finished(np.max(x.data, axis=axes, keepdims=keepdims), x.dtype)
        kept = [a for a in range(x.ndim) if a not in axes]
        rows = x.data.transpose(*kept, *axes).reshape(*(x.shape[a] for a in kept), -1)
        found = take_along_axis(BallArray(rows, x.dtype), position(BallArray(rows, x.dtype), -1, keepdims=True), -1)
        return found.reshape(
            tuple(1 if a in axes else n for a, n in enumerate(x.shape)) if keepdims else rows.shape[:-1]
        )

    return extreme, position


max, argmax = _extremum("max", 1)
min, argmin = _extremum("min", -1)
amax, amin = max, min


# sums and products


def _reduction(name: str) -> Callable[..., Any]:
    function = getattr(np, name)

    def reduce(x: BallArray, axis: Any = None, dtype: Any = None, **options: Any) -> BallArray:
        return finished(function(x.data, axis=axis, **options), dtype or x.dtype)

    return reduce


sum, prod, cumsum, cumprod = map(_reduction, ("sum", "prod", "cumsum", "cumprod"))


def mean(x: BallArray, axis: Any = None, keepdims: bool = False, **_dtype: Any) -> BallArray:
    total = sum(x, axis=axis, keepdims=keepdims)
    count = x.size if axis is None else int(np.prod([x.shape[a] for a in np.atleast_1d(axis)]))
    return total / count


def sum_to(x: BallArray, shape: tuple[int, ...]) -> BallArray:
    """`x` summed over the dimensions by which `shape` was broadcast to it."""
    lead = x.ndim - len(shape)
    axes = (*range(lead), *(i + lead for i, n in enumerate(shape) if n == 1 and x.shape[i + lead] != 1))
    return sum(x, axis=axes, keepdims=True).reshape(shape) if axes else x.reshape(shape)


def _shift(x: BallArray, axis: Any) -> BallArray:
    """The largest midpoint, exact: it keeps exponentials in range and never changes the value."""
    mids = np.asarray(np.frompyfunc(lambda v: float(v.mid()), 1, 1)(x.data), np.float64)
    largest = np.max(mids, axis=axis, keepdims=True, initial=-np.inf)
    return BallArray.of(np.where(np.isfinite(largest), largest, 0.0), x.dtype)


def logsumexp(x: BallArray, axis: Any = None, keepdims: bool = False) -> BallArray:
    m = _shift(x, axis)
    y = log(sum(exp(x - m), axis=axis, keepdims=True)) + m
    return y if keepdims else BallArray(np.squeeze(y.data, axis=axis), y.dtype)


def softmax(x: BallArray, axis: Any = None) -> BallArray:
    y = exp(x - _shift(x, axis))
    return y / sum(y, axis=axis, keepdims=True)


def log_softmax(x: BallArray, axis: Any = None) -> BallArray:
    return x - logsumexp(x, axis=axis, keepdims=True)


def _product(name: str) -> Callable[..., Any]:
    function = getattr(np, name)

    def product(a: Any, b: Any, *args: Any, **options: Any) -> BallArray:
        dtype = result_dtype(a, b)
        return finished(function(balls(a, dtype), balls(b, dtype), *args, **options), dtype)

    return product


matmul, dot, outer, inner, kron, tensordot = map(_product, ("matmul", "dot", "outer", "inner", "kron", "tensordot"))


def vecdot(a: Any, b: Any, axis: int = -1) -> BallArray:
    return sum(conj(_lift(a, b)) * b, axis=axis)


def einsum(equation: str, *xs: Any, **_optimize: Any) -> BallArray:
    dtype = result_dtype(*xs)
    return finished(np.einsum(equation, *(balls(x, dtype) for x in xs)), dtype)


def trace(x: BallArray, *args: Any, **options: Any) -> BallArray:
    return finished(np.trace(x.data, *args, **options), x.dtype)


# creation and structure


def asarray(x: Any, dtype: Any = None) -> Any:
    """`x` as an array of balls; booleans and integers stay NumPy's."""
    if isinstance(x, BallArray):
        return BallArray.of(x, dtype)
    found = np.asarray(x)
    return found if dtype is None and found.dtype.kind in "biu" else BallArray.of(found, dtype)


def array(x: Any, dtype: Any = None, *, order: str = "C", **_copy: Any) -> Any:
    """A copy of `x`, laid out in this order."""
    return BallArray.of(x, dtype).copy(order) if isinstance(x, BallArray) else asarray(np.array(x), dtype)


def cast(x: BallArray, dtype: Any) -> Any:
    """`x` as an array of `dtype`; between floating-point dtypes the balls stay as they are, but for a rounding."""
    y = x.astype(dtype)
    if isinstance(y, BallArray) and widens() and y.dtype.itemsize < x.dtype.itemsize:
        return elementwise(lambda v: v, y)
    return y


def zeros(shape: Any, dtype: Any = None) -> BallArray:
    return BallArray.of(np.zeros(shape), np.float64 if dtype is None else dtype)


def ones(shape: Any, dtype: Any = None) -> BallArray:
    return BallArray.of(np.ones(shape), np.float64 if dtype is None else dtype)


def full(shape: Any, value: Any, dtype: Any = None) -> BallArray:
    dtype = np.dtype(np.float64 if dtype is None else dtype)
    data = np.empty(shape, object)
    data[...] = elements(value, dtype)
    return BallArray(data, dtype)


def zeros_like(x: Any, dtype: Any = None, **_shape: Any) -> Any:
    return _like(x, 0, dtype)


def ones_like(x: Any, dtype: Any = None, **_shape: Any) -> Any:
    return _like(x, 1, dtype)


def full_like(x: Any, value: Any, dtype: Any = None, **_shape: Any) -> Any:
    return _like(x, value, dtype)


empty_like, empty = zeros_like, zeros


def _like(x: Any, value: Any, dtype: Any) -> Any:
    dtype = np.dtype(dtype or x.dtype)
    return np.full(np.shape(x), value, dtype) if dtype.kind in "biu" else full(x.shape, value, dtype)


def eye(n: int, m: int | None = None, k: int = 0, dtype: Any = None) -> BallArray:
    return BallArray.of(np.eye(n, m, k), np.float64 if dtype is None else dtype)


def put(x: BallArray, index: Any, values: Any, accumulate: bool = False) -> BallArray:
    """A copy of `x` in which the elements at `index` are replaced by `values`, or have them added."""
    y = x.data.copy()
    if accumulate:
        np.add.at(y, index, elements(values, x.dtype))
    else:
        y[index] = elements(values, x.dtype)
    return BallArray(y, x.dtype)


def unfold_view(x: BallArray, dimension: int, size: int, step: int) -> Any:
    """Windows along one dimension, as a last dimension."""
    if not isinstance(x, BallArray):
        return numpy_backend.unfold_view(x, dimension, size, step)
    return BallArray(numpy_backend.unfold_view(x.data, dimension, size, step), x.dtype)


def copy_like(x: BallArray, _template: Any) -> BallArray:
    """A copy of `x`; layout means nothing to balls."""
    return x.copy()


def put_along_axis(x: BallArray, index: Any, values: Any, axis: int) -> None:
    np.put_along_axis(x.data, index, balls(values, x.dtype), axis)


def pad(x: BallArray, width: Any, mode: str = "constant", constant_values: Any = 0) -> BallArray:
    if mode != "constant":
        return BallArray(np.pad(x.data, width, mode=mode), x.dtype)
    return BallArray(np.pad(x.data, width, constant_values=literal_ball(constant_values, x.dtype)), x.dtype)


def literal_ball(value: Any, dtype: Any) -> Any:
    return balls(value, dtype)[()]


def may_share_memory(a: Any, b: Any) -> bool:
    return np.may_share_memory(getattr(a, "data", a), getattr(b, "data", b))


shares_memory = may_share_memory


def shape(x: Any) -> tuple[int, ...]:
    return x.shape


def ndim(x: Any) -> int:
    return x.ndim


def array_equal(a: Any, b: Any) -> bool:
    return a.shape == b.shape and bool(np.all(equal(a, b)))


def tril(x: Any, k: int = 0) -> Any:
    """The part of matrices on and below a diagonal."""
    return where(np.tri(*x.shape[-2:], k=k, dtype=bool), x, 0) if isinstance(x, BallArray) else np.tril(x, k)


def triu(x: Any, k: int = 0) -> Any:
    """The part of matrices on and above a diagonal."""
    return where(np.tri(*x.shape[-2:], k=k - 1, dtype=bool), 0, x) if isinstance(x, BallArray) else np.triu(x, k)


def diag(x: BallArray, k: int = 0) -> BallArray:
    """The diagonal of a matrix, or the matrix of a diagonal."""
    if x.ndim != 1:
        return BallArray(np.diagonal(x.data, k).copy(), x.dtype)
    n = x.size + np.abs(k)
    y = zeros((n, n), x.dtype)
    i = np.arange(x.size)
    y.data[i + (-k if k < 0 else 0), i + (k if k > 0 else 0)] = x.data
    return y


def _structure(function: Callable[..., Any]) -> Callable[..., Any]:
    def moved(x: Any, *args: Any, **options: Any) -> Any:
        if not isinstance(x, BallArray):
            return function(x, *args, **options)
        return BallArray(np.asarray(function(x.data, *args, **options), object), x.dtype)

    return moved


def _joining(function: Callable[..., Any]) -> Callable[..., Any]:
    def joined(xs: Any, *args: Any, **options: Any) -> BallArray:
        dtype = result_dtype(*xs)
        return BallArray(function([balls(x, dtype) for x in xs], *args, **options), dtype)

    return joined


def _splitting(function: Callable[..., Any]) -> Callable[..., Any]:
    def parts(x: BallArray, *args: Any, **options: Any) -> list[BallArray]:
        return [BallArray(part, x.dtype) for part in function(x.data, *args, **options)]

    return parts


take_along_axis = _structure(np.take_along_axis)
_STRUCTURE = (
    "reshape transpose permute_dims swapaxes moveaxis squeeze expand_dims broadcast_to ravel flip roll rot90 repeat tile take "
    "diagonal atleast_1d atleast_2d atleast_3d fliplr flipud delete compress extract"
)
_JOINING = "concatenate concat stack hstack vstack dstack column_stack"
_SPLITTING = "split array_split unstack hsplit vsplit dsplit"
_NOT_NUMBERS = (
    "arange indices meshgrid broadcast_shapes result_type dtype finfo iinfo float64 float32 float16 int64 int32 bool_ "
    "complex64 complex128 ndindex unravel_index ravel_multi_index tril_indices triu_indices tril_indices_from "
    "triu_indices_from issubdtype floating integer complexfloating errstate s_ ix_ index_exp nonzero bincount"
)
globals().update({name: _structure(getattr(np, name)) for name in _STRUCTURE.split()})
globals().update({name: _joining(getattr(np, name)) for name in _JOINING.split()})
globals().update({name: _splitting(getattr(np, name)) for name in _SPLITTING.split()})
globals().update({name: getattr(np, name) for name in _NOT_NUMBERS.split()})


def __getattr__(name: str) -> Any:
    raise AttributeError(f"balls have no {name!r}; add it to refgrad.backends.ball beside {numpy_backend.__name__}")


register(sys.modules[__name__], BallArray)
