"""Orders, order statistics and what runs along a dimension agree with PyTorch, with ties, zeros and infinities."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import refgrad
from tests.refgrad.ops.against_torch import agree, cases

TIES = np.array([[1.0, 2.0, 2.0, 1.0], [3.0, 0.0, 3.0, 3.0]])
ZEROS = np.array([[1.0, 0.0, 2.0, 0.0], [3.0, -1.0, 0.5, 2.0]])


@cases(
    ("sort", lambda t, x: t.sort(x, dim=0, stable=True), [(3, 4)]),
    ("sort", lambda t, x: t.sort(x, descending=True, stable=True), [TIES]),
    ("sort", lambda t, x: t.sort(x), [()]),
    ("topk", lambda t, x: t.topk(x, 2), [(3, 4)]),
    ("topk", lambda t, x: t.topk(x, 2, 0, largest=False), [(3, 4)]),
    ("kthvalue", lambda t, x: t.kthvalue(x, 2, 1, True), [(3, 4)]),
    ("median", lambda t, x: t.median(x), [TIES]),
    ("median", lambda t, x: t.median(x, 1), [(3, 4)]),
    ("median", lambda t, x: t.median(x, 0, True), [(3, 4)]),
    ("median-nan", lambda t, x: t.median(x), [np.array([1.0, np.nan, 2.0])]),
    ("nanmedian", lambda t, x: t.nanmedian(x), [np.array([1.0, np.nan, 2.0, 2.0])]),
    ("mode", lambda t, x: t.mode(x, 1), [TIES]),
    ("msort", lambda t, x: t.msort(x), [(4, 2)]),
    ("cumsum", lambda t, x: t.cumsum(x, 1), [(3, 4)]),
    ("cumsum", lambda t, x: t.cumsum(x, 0), [()]),
    ("cumsum", lambda t, x: x.cumsum(-1), [(2, 0)]),
    ("cumprod", lambda t, x: t.cumprod(x, 0), [(3, 4)]),
    ("cumprod-zeros", lambda t, x: t.cumprod(x, 1), [ZEROS]),
    ("logcumsumexp", lambda t, x: t.logcumsumexp(x, 1), [(3, 4)]),
    ("cummax", lambda t, x: t.cummax(x, 1), [TIES]),
    ("cummin", lambda t, x: t.cummin(x, 1), [TIES]),
    ("prod", lambda t, x: t.prod(x), [ZEROS]),
    ("prod", lambda t, x: t.prod(x, 1, keepdim=True), [ZEROS]),
    ("prod", lambda t, x: t.prod(x), [(0,)]),
    ("diff", lambda t, x: t.diff(x, 2, 0), [(4, 2)]),
)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_agrees(function: Any, inputs: Any, dtype: str) -> None:
    agree(function, inputs, dtype)


@cases(
    ("cumprod", lambda t, x: t.cumprod(x, 1), [(2, 3)]),
    ("cumsum", lambda t, x: t.cumsum(x, 1), [(2, 3)]),
    ("logcumsumexp", lambda t, x: t.logcumsumexp(x, 1), [(2, 3)]),
    ("prod", lambda t, x: t.prod(x, 1), [(2, 3)]),
    ("logsumexp", lambda t, x: t.logsumexp(x, 1), [(2, 3)]),
)
def test_complex(function: Any, inputs: Any) -> None:
    agree(function, inputs, "complex128")


def test_logcumsumexp_of_far_apart_elements_has_finite_gradients() -> None:
    x = refgrad.tensor([-800.0, 0.0, 800.0], dtype=refgrad.float64, requires_grad=True)
    (g,) = refgrad.autograd.grad(refgrad.logcumsumexp(x, 0).sum(), x)
    assert g.tolist() == [1.0, 1.0, 1.0]
