"""What one wrong array looks like beside the right one: a factor of it, its transpose, a part of it."""

from __future__ import annotations

import numpy as np

_CLOSE = {"float64": 1e-6, "complex128": 1e-6}
_CLOSE_ELSE = 1e-3  # single precision and less
_ORDINARY = 1e-3  # in magnitude, above which (and below whose inverse) a number is like any other
_SHARE = 0.2
_SEVERAL = 3  # numbers, before a side on which all of them lie means anything


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
    return float(c.real) if abs(c.imag) <= _CLOSE_ELSE * 1e-3 * abs(c) else complex(c)


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
    if min(np.count_nonzero(residual.any(axis=axis)) for axis in (-1, -2)) < 2:
        return False
    singular = np.linalg.svd(residual.reshape(-1, *residual.shape[-2:]), compute_uv=False)
    return bool(np.all(singular[:, 1] < 1e-6 * max(singular[:, 0].max(initial=0.0), 1e-300)))


def apart(wrong: np.ndarray, right: np.ndarray) -> str:
    """What tells the numbers that go wrong from those that do not: on which side of which number they lie, or which they are.

    Beyond the wrong ones there may be right ones again, since far out another formula often comes to the same.

    >>> (
    ...     apart(np.array([-3.0, -2.5, -2.0]), np.array([-1.0, 0.5, 2.0, 4.0])),
    ...     apart(np.array([1.0, 3.0]), np.array([2.0])),
    ... )
    ('below -1', '')
    """
    some = max(_SEVERAL, _SHARE * len(_usual(wrong)))
    if len(wrong) < _SEVERAL or len(_usual(right)) < some or np.isnan(wrong).any():
        return ""  # two slopes may well agree at zero, or far out, alone
    if len(np.unique(wrong)) == 1 and not np.isin(wrong[0], right):
        return f"equal to {wrong[0]:.3g}"
    for far_ones in (False, True):
        for x, y, less, more in (
            (wrong, right, "below ", "above "),
            (np.abs(wrong), np.abs(right), "within ±", "beyond ±"),
        ):
            under, over = y[y < np.min(x)], y[y > np.max(x)]
            if len(under) + len(over) < len(y) or (len(under) and len(over) and not far_ones):
                continue  # right ones among the wrong, or on both sides of them
            if len(_usual(over)) > len(_usual(under)):
                return f"{less}{np.min(over):.3g}"
            return f"{more}{np.max(under):.3g}"
    whole = np.all(wrong == np.round(wrong)) and not np.any(right == np.round(right))
    return "whole numbers" if whole else ""


def _usual(x: np.ndarray) -> np.ndarray:
    size = np.abs(x)
    return x[(size > _ORDINARY) & (size < 1 / _ORDINARY)]


def _largest(x: np.ndarray) -> float:
    finite = np.abs(x)[np.isfinite(x)]
    return float(np.max(finite, initial=0.0))
