"""Activations agree with PyTorch, at their kinks too."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import refgrad
import refgrad.nn.functional
from tests.refgrad.ops.against_torch import agree, cases

KINKS = np.array([-30.0, -3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0, 6.0, 30.0])
ELEMENTWISE = {
    "relu": lambda F, x: F.relu(x),
    "relu6": lambda F, x: F.relu6(x),
    "threshold": lambda F, x: F.threshold(x, 0.5, 2.0),
    "hardtanh": lambda F, x: F.hardtanh(x, -0.5, 1.0),
    "hardswish": lambda F, x: F.hardswish(x),
    "leaky_relu": lambda F, x: F.leaky_relu(x, 0.2),
    "elu": lambda F, x: F.elu(x, 1.3),
    "celu": lambda F, x: F.celu(x, 0.5),  # PyTorch rounds 1 / alpha to float32 in the gradient: exact for 0.5
    "selu": lambda F, x: F.selu(x),
    "silu": lambda F, x: F.silu(x),
    "mish": lambda F, x: F.mish(x),
    "gelu": lambda F, x: F.gelu(x),
    "gelu-tanh": lambda F, x: F.gelu(x, approximate="tanh"),
    "softplus": lambda F, x: F.softplus(x, 2.0, 5.0),
    "softshrink": lambda F, x: F.softshrink(x, 0.5),
    "hardshrink": lambda F, x: F.hardshrink(x, 0.5),
    "softsign": lambda F, x: F.softsign(x),
    "tanhshrink": lambda F, x: F.tanhshrink(x),
    "logsigmoid": lambda F, x: F.logsigmoid(x),
}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("x", [(3, 4), (), (0, 3), KINKS], ids=["matrix", "scalar", "empty", "kinks"])
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_elementwise(name: str, x: Any, dtype: str) -> None:
    agree(lambda torch, x: ELEMENTWISE[name](torch.nn.functional, x), [x], dtype)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@cases(
    ("prelu", lambda t, x, w: t.nn.functional.prelu(x, w), [(2, 3, 4), (3,)]),
    ("prelu", lambda t, x, w: t.nn.functional.prelu(x, w), [(4,), (1,)]),
    ("glu", lambda t, x: t.nn.functional.glu(x, 1), [(2, 6)]),
    ("linear", lambda t, x, w, b: t.nn.functional.linear(x, w, b), [(2, 3, 4), (5, 4), (5,)]),
    ("bilinear", lambda t, a, b, w, c: t.nn.functional.bilinear(a, b, w, c), [(2, 3), (2, 4), (5, 3, 4), (5,)]),
    ("softmax", lambda t, x: t.softmax(x, -1), [(3, 4)]),
    ("softmax", lambda t, x: t.softmax(x, 0), [()]),
    ("softmax", lambda t, x: t.softmax(x, 1), [(2, 0)]),
    ("softmax-dtype", lambda t, x: t.softmax(x, 0, dtype=t.float64), [(3, 2)]),
    ("log_softmax", lambda t, x: t.log_softmax(x, 0), [(3, 4)]),
    ("softmin", lambda t, x: t.nn.functional.softmin(x, 1), [(3, 4)]),
    ("logsumexp", lambda t, x: t.logsumexp(x, (0, 2), keepdim=True), [(2, 3, 4)]),
    ("logsumexp", lambda t, x: t.logsumexp(x, 0), [(2, 3)]),
    (
        "attention",
        lambda t, q, k, v: t.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True),
        [(2, 3, 4), (2, 5, 4), (2, 5, 6)],
    ),
    (
        "attention-mask",
        lambda t, q, k, v, m: t.nn.functional.scaled_dot_product_attention(q, k, v, m, scale=0.3),
        [(3, 4), (5, 4), (5, 6), (3, 5)],
    ),
)
def test_rows(function: Any, inputs: Any, dtype: str) -> None:
    agree(function, inputs, dtype)


def test_hardsigmoid() -> None:  # the gradient in float64 is not compared: PyTorch rounds 1/6 to float32 there
    agree(lambda t, x: t.nn.functional.hardsigmoid(x), [KINKS], "float32")
    x = refgrad.tensor(KINKS, requires_grad=True)
    refgrad.nn.functional.hardsigmoid(x).sum().backward()
    assert x.grad.tolist() == [1 / 6 if -3 < v < 3 else 0 for v in KINKS]


def test_celu_of_an_alpha_that_float32_cannot_hold() -> None:
    x = refgrad.tensor(-1.0, dtype=refgrad.float64, requires_grad=True)
    refgrad.nn.functional.celu(x, 0.7).backward()
    assert x.grad.item() == pytest.approx(math.exp(-1 / 0.7), rel=1e-15)
