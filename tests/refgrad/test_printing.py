"""The text of tensors is PyTorch's, to the last space."""

from __future__ import annotations

import itertools
import math

import pytest

import refgrad

torch = pytest.importorskip("torch")

VALUES = (1.0, -2.0, 0.0, -0.0, 0.5, -1.25, 1e-6, 123456.0, 1e9, -1e12, math.nan, math.inf, -math.inf)


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64"])
def test_columns_are_as_wide_as_pytorchs(dtype: str) -> None:
    for values in itertools.product(VALUES, repeat=2):
        ours, theirs = (repr(T.tensor(values, dtype=getattr(T, dtype))) for T in (refgrad, torch))
        assert ours == theirs


@pytest.mark.parametrize("count", range(1, 13))
@pytest.mark.parametrize("shape", ["vector", "rows"])
def test_what_is_said_behind_the_elements_starts_a_line_where_pytorchs_does(count: int, shape: str) -> None:
    texts = []
    for T in (refgrad, torch):
        x = T.arange(1.0, 1.0 + count, dtype=T.float64) / 3 * 10.0 ** (count % 4)
        x = x if shape == "vector" else x.reshape(1, -1).repeat(2, 1)
        texts.append([repr(x), repr(x.requires_grad_()), repr(x * 2)])
    assert texts[0] == texts[1]
