"""All core operators over their attributes on balls: enclosures of what floating point gives, of values and gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import refgrad
from refgrad.backends.ball import BallArray, arithmetic
from refgrad.tensor import wrap
from tests.refgrad.ops.attributes import CHAPTERS
from tests.refgrad.ops.calls import Call, calls

BITS = 200
NARROW = 1e-30  # what an enclosure at 200 bits stays below, of the scale of the result


@pytest.mark.parametrize("dtype", ["float64", "complex128"])
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_balls_enclose_values_and_gradients(chapter: str, dtype: str) -> None:
    asked = [c for c in calls(chapter) if dtype == "float64" or "c" in c.flags]
    asked = [c for c in asked if "float()" not in c.expression]  # balls are not rounded to a narrower dtype
    wrong = {c.name: reason for c in asked if (reason := _difference(c, dtype))}
    assert not wrong, "\n".join(f"{name}: {reason}" for name, reason in wrong.items())


def _difference(call: Call, dtype: str) -> str:
    xs = call.drawn(dtype)
    try:
        expected = _values_and_gradients(call, xs, refgrad.tensor)
        with arithmetic(BITS):
            found = _values_and_gradients(call, xs, lambda x: wrap(BallArray.of(x)))
    except Exception as error:  # noqa: BLE001 - all rows of a chapter are tried, and every failure shown
        return f"{type(error).__name__}: {str(error)[:300]}"
    return "; ".join(reason for a, b in zip(found, expected, strict=True) if (reason := _outside(a, b)))


def _values_and_gradients(call: Call, arrays: list[np.ndarray], make: Callable[[np.ndarray], Any]) -> list[Any]:
    xs = [make(x).requires_grad_() for x in arrays]
    y = _flat(call(refgrad, *xs))
    recorded = [z for z in y if z.requires_grad]
    gs = [make(np.random.default_rng(i).standard_normal(z.shape).astype(z._data.dtype)) for i, z in enumerate(recorded)]
    gradients = refgrad.autograd.grad(recorded, xs, gs, allow_unused=True) if recorded else ()
    return [z._data for z in (*y, *gradients) if z is not None]


def _flat(y: Any) -> list[Any]:
    return [z for v in y for z in _flat(v)] if isinstance(y, (tuple, list)) else [y]


def _outside(a: Any, b: np.ndarray) -> str:
    if not isinstance(a, BallArray):
        return "" if np.array_equal(a, b) else f"{a} is not {b}"
    if a.dtype != b.dtype or a.shape != b.shape:
        return f"{a.dtype}{a.shape} is not {b.dtype}{b.shape}"
    middle = np.reshape([complex(v.mid()) if b.dtype.kind == "c" else float(v.mid()) for v in a.data.flat], b.shape)
    finite = np.isfinite(b)
    scale = 1 + np.max(np.abs(b[finite]), initial=0.0)
    if np.max(a.radii()[finite], initial=0.0) > NARROW * scale:
        return f"radius {np.max(a.radii())}"
    if not np.allclose(middle[finite], b[finite], rtol=1e-9, atol=1e-10 * scale):
        return f"{middle} is not {b}"
    return ""
