"""Placing by index, statistics, distances and integrals refuse what PyTorch refuses, with its class of error and its words."""

from __future__ import annotations

from typing import Any

import pytest

import refgrad
import refgrad.nn.functional
from tests.refgrad.ops.against_torch import torch

REFUSED = """
take(x, I([7])) | IndexError | 7
take(x, x) | RuntimeError | long
put(x, I([0, 1]), ones(3)) | IndexError | same number of elements
put(x, I([9]), ones(1)) | IndexError | 9
put(x, I([0]), ones(1).double()) | RuntimeError | same dtype
index_fill(x, 0, I([5]), 1.0) | IndexError | index 5 is out of bounds for dimension 0 with size 2
index_fill(x, 0, I([[0]]), 1.0) | RuntimeError | vector/scalar
index_fill(x, 0, I([0]), ones(1)) | RuntimeError | 0-dimensional value
index_reduce(x, 0, I([0]), ones(1, 3), "sum") | RuntimeError | prod, mean, amax or amin
index_reduce(x, 0, I([0, 1]), ones(1, 3), "prod") | RuntimeError | Number of indices \\(2\\)
index_reduce(x, 0, I([0]), ones(1, 2), "prod") | RuntimeError | source tensor shape must match
index_reduce(x, 0, I([[0]]), ones(1, 3), "prod") | IndexError | vector
index_reduce(x, 0, I([0]), ones(1, 3).double(), "prod") | RuntimeError | same scalar type
scatter_reduce(x, 0, I([0]), ones(3), "sum") | RuntimeError | same number of dimensions
scatter_reduce(x, 0, I([[0, 0, 0, 0]]), ones(1, 4), "sum") | RuntimeError | no larger than self
scatter_reduce(x, 0, I([[5]]), ones(1, 1), "sum") | RuntimeError | index 5 is out of bounds
scatter_reduce(x, 0, I([[0]]), ones(1, 1).double(), "sum") | RuntimeError | self.dtype to be equal to src.dtype
scatter_reduce(x, 0, x, ones(2, 3), "sum") | RuntimeError | int32/int64
renorm(x, 0, 0, 1.0) | RuntimeError | non-positive-norm
renorm(x, 2, 0, -1.0) | RuntimeError | maxnorm to be >= 0
renorm(ones(3), 2, 0, 1.0) | RuntimeError | at least 2 dimensions
aminmax(ones(0)) | RuntimeError | empty dimension
aminmax(ones(0, 2), dim=0) | IndexError | non-zero size
cdist(I([[1]]), I([[1]])) | RuntimeError | floating-point dtypes
cdist(x, ones(2, 2)) | RuntimeError | same number of columns. X1: 3 X2: 2
cdist(ones(3), x) | RuntimeError | at least 2D tensors, X1 got: 1D
cdist(x, x, -1) | RuntimeError | non-negative p
cdist(x, x, compute_mode="no") | ValueError | no is not a valid value for compute_mode
pdist(ones(3)) | RuntimeError | 2D tensors, got: 1D
pdist(x, -1) | RuntimeError | non-negative p
corrcoef(ones(1, 1, 1)) | RuntimeError | corrcoef\\(\\): expected input to have two or fewer
cov(ones(1, 1, 1)) | RuntimeError | two or fewer dimensions
cov(x > 1) | RuntimeError | bool
cov(x, fweights=ones(3)) | RuntimeError | integral
cov(x, fweights=I([1])) | RuntimeError | 1 != 3
cov(x, fweights=I([1, -1, 1])) | RuntimeError | fweights cannot be negative
cov(x, fweights=I([0, 0, 0])) | RuntimeError | sum to zero
cov(x, aweights=ones(2, 3)) | RuntimeError | one or fewer dimensions
trapezoid(x, ones(2)) | RuntimeError | trapezoid: There must be one `x` value
trapezoid(x > 1) | RuntimeError | bool
trapezoid(x, dim=3) | IndexError | out of range
cumulative_trapezoid(x, ones(2)) | RuntimeError | cumulative_trapezoid: There must be one `x` value
diff(ones(())) | RuntimeError | at least one-dimensional
diff(x, -1) | RuntimeError | non-negative but got -1
diff(x, prepend=ones(3)) | RuntimeError | same dimension as input
diff(x, prepend=ones(3, 1)) | RuntimeError | input.size\\(0\\) = 2
gradient(x, spacing=[1.0, 2.0, 3.0]) | RuntimeError | length 3
gradient(x, dim=0, spacing=[1.0, 2.0]) | RuntimeError | same length
gradient(x, edge_order=3) | RuntimeError | edge_order=1 and edge_order=2
gradient(ones(1)) | RuntimeError | at least edge_order\\+1
gradient(x, spacing=(ones(2, 1), ones(3))) | RuntimeError | one dimension
gradient(x, dim=(0, 0)) | RuntimeError | multiple times
quantile(x, 1.5) | RuntimeError | range \\[0, 1\\] but got 1.5
quantile(x, ones(1, 1)) | RuntimeError | scalar or 1D
quantile(I([1]), 0.5) | RuntimeError | float or double
quantile(x, ones(1).double()) | RuntimeError | same dtype
quantile(x, ones(1) * 2) | RuntimeError | range \\[0, 1\\]
quantile(x, 0.5, interpolation="cubic") | RuntimeError | cubic
quantile(ones(0), 0.5) | RuntimeError | non-empty
nansum(x + 1j) | RuntimeError | complex
nanmean(I([1])) | RuntimeError | floating point or complex
mvlgamma(x + 3, 0) | RuntimeError | greater than or equal to 1
polygamma(-1, x) | RuntimeError | negative n
vdot(x, x) | RuntimeError | 1D tensors expected
vdot(ones(2), ones(3)) | RuntimeError | inconsistent tensor size
linalg.vecdot(I([1]), I([1])) | RuntimeError | floating point or complex
linalg.vecdot(ones(2), ones(2).double()) | RuntimeError | same dtype
cross(ones(2), ones(2)) | RuntimeError | no dimension of size 3
linalg.cross(ones(3, 2), ones(3, 2)) | RuntimeError | must have length 3
linalg.cross(x, ones(3)) | RuntimeError | same number of dimensions
masked_scatter(x, x, x) | RuntimeError | boolean masks
masked_scatter(x, x > 1, ones(1)) | RuntimeError | Number of elements of source
"""
CASES = [tuple(part.strip() for part in line.split(" | ")) for line in REFUSED.strip().splitlines()]


@pytest.mark.parametrize(("call", "error", "words"), CASES, ids=[call for call, *_ in CASES])
def test_misuse_is_refused_as_pytorch_refuses_it(call: str, error: str, words: str) -> None:
    for t in (torch, refgrad):
        names: dict[str, Any] = {"x": t.arange(6.0).reshape(2, 3), "ones": t.ones, "t": t}
        names["I"] = lambda v, t=t: t.tensor(v, dtype=t.int64)
        with pytest.raises(Exception, match=words) as raised:
            eval(f"t.{call}", names)  # noqa: S307 - our own table
        assert type(raised.value).__name__ == error
