"""Functions of several steps in float16 and bfloat16: one rounding of what float64 gives, beside the error of float32."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import refgrad
from tests.refgrad.ops.calls import Call, calls

UNIT = {"float16": 2.0**-11, "bfloat16": 2.0**-8}
SMALLEST = {"float16": 2.0**-24, "bfloat16": 2.0**-133}
SINGLE = 2.0**-17  # what float32 loses in sums of tens of products, of the scale of the result


def _is_composite(call: Call) -> bool:
    named = any(word in call.expression for word in ("linear", "scaled_dot_product", "normalize", "cosine"))
    return (
        call.chapter in ("losses", "normalisations")
        or named
        or (call.chapter == "windows" and not any(word in call.expression for word in ("max_pool", "unfold")))
    )


@pytest.mark.parametrize("dtype", UNIT)
def test_results_and_gradients_are_rounded_once(dtype: str) -> None:
    wrong = {c.name: reason for c in filter(_is_composite, calls()) if (reason := _difference(c, dtype))}
    assert not wrong, "\n".join(f"{name}: {reason}" for name, reason in wrong.items())


def _difference(call: Call, dtype: str) -> str:
    given = [refgrad.tensor(x).to(getattr(refgrad, dtype)).double().numpy() for x in call.drawn("float64")]
    for k, (low, exact) in enumerate(zip(_run(call, given, dtype), _run(call, given, "float64"), strict=True)):
        if str(low.dtype) != f"torch.{dtype}":
            return f"result {k} is {low.dtype}"
        expected = exact.numpy()
        limit = UNIT[dtype] * np.abs(expected) + SMALLEST[dtype] + SINGLE * np.max(np.abs(expected), initial=0.0)
        if np.any(np.abs(low.double().numpy() - expected) > limit):
            return f"result {k}: {low.tolist()} is not {expected.tolist()}"
    return ""


def _run(call: Call, arrays: list[np.ndarray], dtype: str) -> list[Any]:
    xs = [refgrad.tensor(x).to(getattr(refgrad, dtype)).requires_grad_() for x in arrays]
    y = call(refgrad, *xs)
    g = refgrad.tensor(np.random.default_rng(0).integers(-8, 9, tuple(y.shape)) / 8).to(y.dtype)
    found = [x for x in refgrad.autograd.grad(y, xs, g, allow_unused=True) if x is not None]
    return [y.detach(), *found]


def test_running_statistics_are_updated_in_their_own_dtype() -> None:
    x = refgrad.tensor([[1.0, 2.0], [3.0, 6.0]], dtype=refgrad.bfloat16)
    mean, var = refgrad.zeros(2, dtype=refgrad.bfloat16), refgrad.ones(2, dtype=refgrad.bfloat16)
    refgrad.nn.functional.batch_norm(x, mean, var, training=True, momentum=0.5)
    assert mean.dtype == refgrad.bfloat16
    assert (mean.tolist(), var.tolist()) == ([1.0, 2.0], [1.5, 4.5])


def test_squares_of_a_variance_do_not_overflow() -> None:
    x = refgrad.tensor([3000.0, -3600.0, 100.0], dtype=refgrad.float16, requires_grad=True)
    y = refgrad.std(x)  # whose square is far above 65504
    y.backward()
    assert y.item() == pytest.approx(np.std([3000, -3600, 100], ddof=1), rel=UNIT["float16"])
    assert x.grad.tolist() == pytest.approx([0.4785, -0.519, 0.0403], rel=1e-3)  # (x - mean) / (2 y)
    assert x.grad.dtype == refgrad.float16
