"""Arrays of any namespace that follows the Python array API standard, on one of its devices: `on` makes the backend.

The standard has most primitives of the operators, and no scattering and no special functions: a row that needs one
raises `NotInTheStandard`, by its name. An array is carried in one of ours, which has NumPy's dtypes and the operators
of Python, and adds nothing to what the standard computes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from refgrad.backends import formulas, register
from refgrad.backends.array_api import functions
from refgrad.backends.array_api.carried import Carried
from refgrad.errors import NotInTheStandard

_SAME = frozenset(
    "abs acos acosh add asin asinh atan atan2 atanh bitwise_and bitwise_or bitwise_xor ceil conj copysign cos cosh "
    "divide equal exp expm1 floor floor_divide greater greater_equal hypot imag isfinite isinf isnan less less_equal "
    "log log10 log1p log2 logaddexp logical_and logical_not logical_or logical_xor matmul maximum minimum multiply "
    "negative not_equal positive pow real reciprocal remainder sign signbit sin sinh sqrt square subtract tan tanh "
    "trunc sum prod max min all any argmax argmin count_nonzero flip roll tile stack squeeze expand_dims "
    "tril triu moveaxis cumulative_sum cumulative_prod".split()
)
"""What the standard calls as NumPy does, with the same arguments as far as operators use them."""
_OTHERWISE = {
    "absolute": "abs", "amax": "max", "amin": "min", "arccos": "acos", "arccosh": "acosh", "arcsin": "asin",
    "arcsinh": "asinh", "arctan": "atan", "arctan2": "atan2", "arctanh": "atanh", "concatenate": "concat",
    "conjugate": "conj", "cumprod": "cumulative_prod", "cumsum": "cumulative_sum", "invert": "bitwise_invert",
    "power": "pow", "true_divide": "divide",
}  # fmt: skip


class Backend:
    """The array functions of a namespace of the standard, in NumPy's spelling, on one device."""

    PLAIN_RULES = False
    DEVICE = "cpu"  # what is said of tensors: the namespace's own devices are not PyTorch's
    pi, inf, nan, e = math.pi, math.inf, math.nan, math.e
    broadcast_shapes = staticmethod(np.broadcast_shapes)
    finfo = staticmethod(np.finfo)

    def __init__(self, standard: Any, device: Any) -> None:
        self.standard, self.device = standard, device
        self.array_type = type("Carried", (Carried,), {"__slots__": (), "backend": self})
        self._dtypes = {getattr(standard, n): np.dtype(n) for n in _DTYPES if hasattr(standard, n)}
        shared = (
            formulas.bounded,
            formulas.det,
            formulas.log_softmax,
            formulas.logsumexp,
            formulas.root_of_powers,
            formulas.softmax,
        )
        vars(self).update(formulas.bound(self, *functions.FUNCTIONS, *shared))
        self.iv = formulas.bound(self, formulas.bessel)["bessel"]
        self.linalg, self.fft = _Part(self, "linalg"), _Part(self, "fft")

    def __getattr__(self, name: str) -> Any:
        standard = _OTHERWISE.get(name, name)
        if standard not in _SAME and standard not in _OTHERWISE.values():
            raise NotInTheStandard(name)
        return self._taking_ours(getattr(self.standard, standard))

    def _taking_ours(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def called(*args: Any, **options: Any) -> Any:
            return self.carried(function(*self.bare(self._as_arrays(args)), **self.bare(options)))

        return called

    def _as_arrays(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """Numbers beside arrays, as arrays where the standard wants those: of their dtype, or the one that they need."""
        arrays = [a for a in args if isinstance(a, Carried)]
        if len(arrays) == len(args) or not arrays:
            return args
        return tuple(self._number(a, arrays[0]) if isinstance(a, (float, complex)) else a for a in args)

    def _number(self, a: Any, like: Carried) -> Any:
        kind = "c" if isinstance(a, complex) else "f"
        if like.dtype.kind in ("c", kind):
            return a
        return self.full((), a, np.result_type(like.dtype if like.dtype.kind == "f" else "float64", type(a)))

    # between the standard's arrays and ours

    def bare(self, x: Any) -> Any:
        """The standard's arrays inside ours."""
        if isinstance(x, Carried):
            return x.data
        if isinstance(x, (tuple, list)):
            return tuple(map(self.bare, x))
        return {k: self.bare(v) for k, v in x.items()} if isinstance(x, dict) else x

    def carried(self, y: Any) -> Any:
        """The standard's arrays in ours."""
        if isinstance(y, (tuple, list)):
            return tuple(map(self.carried, y))
        return self.array_type(y) if hasattr(y, "dtype") else y

    def numpy_dtype(self, dtype: Any) -> np.dtype:
        return self._dtypes[dtype]

    def dtype(self, dtype: Any) -> Any:
        """The standard's dtype."""
        name = np.dtype(getattr(dtype, "array", dtype)).name
        if not hasattr(self.standard, name):
            raise NotInTheStandard(name)
        return getattr(self.standard, name)

    def from_host(self, x: Any) -> Any:
        """The host's array on the device."""
        if not isinstance(x, (np.ndarray, np.generic)):
            return x
        flat = self.standard.asarray(x.reshape(-1).tolist(), dtype=self.dtype(x.dtype), device=self.device)
        return self.carried(self.standard.reshape(flat, x.shape))

    def to_host(self, x: Any) -> Any:
        """A copy of the elements as an array of the host."""
        flat = self.standard.reshape(x.data, (-1,))
        return np.array([_number_of(flat[i]) for i in range(x.size)], x.dtype).reshape(x.shape)

    def asarray(self, x: Any, dtype: Any = None) -> Any:
        if isinstance(x, Carried):
            return x if dtype is None or x.dtype == np.dtype(dtype) else x.astype(dtype)
        if isinstance(x, np.ndarray):
            raise TypeError("an array of the host is sent to the device by `from_host` only")
        return self.from_host(np.asarray(x, dtype))


class _Part:
    """The extension of the standard of this name."""

    def __init__(self, backend: Backend, name: str) -> None:
        self._backend, self._name = backend, name

    def __getattr__(self, name: str) -> Any:
        found = getattr(getattr(self._backend.standard, self._name), name, None)
        if found is None or name == "eig":  # which only its draft of 2025 has
            raise NotInTheStandard(f"{self._name}.{name}")
        return self._backend._taking_ours(found)


_DTYPES = "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64 complex64 complex128".split()


def _number_of(x: Any) -> Any:
    return complex(x) if "complex" in str(x.dtype) else float(x) if "float" in str(x.dtype) else int(x)


def on(xp: Any, device: Any) -> Backend:
    """The backend of a namespace of the standard on one of its devices, from now on known to refgrad.

    `from_host` makes its arrays of NumPy's.
    """
    backend = Backend(xp, device)
    register(backend, backend.array_type)
    return backend
