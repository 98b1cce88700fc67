"""Operands of different precision: derivatives have the digits of the result, as if the shorter operand had been converted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import refgrad

OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "div": lambda x, b: x / b,
    "divided": lambda x, b: b / x,
    "mul": lambda x, b: x * b,
    "pow": lambda x, b: x**b,
    "raised": lambda x, b: b**x,
    "atan2": refgrad.atan2,
    "xlogy": refgrad.xlogy,
    "hypot": refgrad.hypot,
    "logaddexp": refgrad.logaddexp,
}
PAIRS = [
    ("float64", "float32"),
    ("float64", "bfloat16"),
    ("float32", "float16"),
    ("float64", "int64"),
    ("complex128", "float32"),
]
CASES = [
    (n, x, b)
    for n in OPERATORS
    for x, b in PAIRS
    if x != "complex128" or n in ("div", "divided", "mul", "pow", "raised")
]


def derivatives(function: Callable[[Any], Any], x: Any) -> list[Any]:
    """Forward and reverse mode to order 2."""
    (g,) = refgrad.autograd.grad(function(x), x, refgrad.ones_like(function(x)), create_graph=True)
    (h,) = refgrad.autograd.grad(g, x, refgrad.ones_like(g), allow_unused=True) if g.requires_grad else (None,)
    _, t = refgrad.func.jvp(function, (x.detach(),), (refgrad.ones_like(x),))
    return [y.item() for y in (g, h, t) if y is not None]


@pytest.mark.parametrize(("name", "dtype", "other"), CASES)
def test_a_shorter_operand_takes_no_digits_from_derivatives(name: str, dtype: str, other: str) -> None:
    x = refgrad.tensor(1.7, dtype=getattr(refgrad, dtype), requires_grad=True)
    b = refgrad.tensor(3.3).to(getattr(refgrad, other))
    mixed = derivatives(lambda x: OPERATORS[name](x, b), x)
    assert mixed == pytest.approx(
        derivatives(lambda x: OPERATORS[name](x, b.to(x.dtype)), x), rel=1e-6 if "32" in dtype else 1e-14
    )
