"""What one wrong array looks like beside the right one: a factor of it, its transpose, a part of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

_CLOSE = {"float64": 1e-6, "complex128": 1e-6}
_CLOSE_ELSE = 1e-3  # single precision and less

PLACES: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "negative": lambda x: x < 0,
    "positive": lambda x: x > 0,
    "zero": lambda x: x == 0,
    "larger than 1 in magnitude": lambda x: np.abs(x) > 1,
    "smaller than 1 in magnitude": lambda x: np.abs(x) < 1,
}
"""The kinds of number that a wrong branch may be taken for."""


def like(got: np.ndarray, other: np.ndarray, tolerance: np.ndarray | float = 0.0) -> bool:
    """Whether two arrays are the same but for rounding: a guess needs no more than six digits, or three."""
    if got.shape != other.shape:
        return False
    share = _CLOSE.get(got.dtype.name, _CLOSE_ELSE)
    with np.errstate(all="ignore"):
        limit = 4 * np.asarray(tolerance) + share * np.maximum(np.abs(other), 1e-3 * _largest(other))
        return bool(np.all((got == other) | (np.abs(got - other) <= limit)))


def factor(got: np.ndarray, want: np.ndarray, tolerance: np.ndarray | float = 0.0) -> complex | None:
    """The number that the right array was multiplied by; None where there is none but zero.

    >>> factor(np.array([2.0, 4.0]), np.array([1.0, 2.0])), factor(np.array([2.0, 4.0]), np.array([1.0, 1.0]))
    (2.0, None)
    """
    if got.shape != want.shape or not want.size:
        return None
    with np.errstate(all="ignore"):
        scaled, largest = want / (_largest(want) or 1.0), _largest(want)
        square = np.vdot(scaled, scaled)
        c = np.vdot(scaled, got / (largest or 1.0)) / square if square else np.nan
    if not np.isfinite(c) or abs(c) < 1e-9 or not like(got, c * want, tolerance):
        return None
    return float(c) if np.isrealobj(c) else complex(c)


def fraction(c: float) -> str:
    """A factor as people write it: a small fraction where it is one.

    >>> fraction(2.0), fraction(-1 / 3), fraction(0.7071067811865476)
    ('2', '-1/3', '0.707107')
    """
    for denominator in range(1, 13):
        whole = round(c * denominator)
        if whole and abs(c * denominator - whole) < 1e-6 * abs(c * denominator):
            return f"{whole}" + (f"/{denominator}" if denominator > 1 else "")
    return f"{c:.6g}"


def is_low_rank(residual: np.ndarray) -> bool:
    """Whether what is missing is the same along an axis, or of rank one: the term of a sum, a mean or a normaliser."""
    if residual.ndim < 2 or min(residual.shape[-2:]) < 2 or not np.isfinite(residual).all():
        return False
    singular = np.linalg.svd(residual.reshape(-1, *residual.shape[-2:]), compute_uv=False)
    return bool(np.all(singular[:, 1] < 1e-6 * max(singular[:, 0].max(initial=0.0), 1e-300)))


def only_where(wrong: np.ndarray, x: np.ndarray) -> str:
    """The kind of number at exactly the wrong places, if only some are wrong.

    >>> only_where(np.array([True, False, False]), np.array([-1.0, 2.0, 0.5]))
    'negative'
    """
    if wrong.all() or not wrong.any() or np.iscomplexobj(x) or wrong.shape != x.shape:
        return ""
    return next((kind for kind, holds in PLACES.items() if np.array_equal(holds(x), wrong)), "")


def _largest(x: np.ndarray) -> float:
    finite = np.abs(x)[np.isfinite(x)]
    return float(np.max(finite, initial=0.0))
