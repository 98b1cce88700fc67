"""Every call of the table of operators on the device: values and derivatives are those of the CPU, and stay there."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import refgrad
from tests.refgrad.cuda import stand_in
from tests.refgrad.cuda.places import OnDevice, gradients
from tests.refgrad.ops.calls import Call, calls

RTOL, ATOL = (
    1e-9,
    1e-11,
)  # sums in another order, functions of another library; a wrong rule is wrong in the first digits
LOOKING = {
    "linalg.cond", "linalg.cosine_similarity", "linalg.eigh", "linalg.eigvals", "linalg.eigvalsh", "linalg.lstsq",
    "linalg.lu_factor", "linalg.matrix_norm", "linalg.norm", "linalg.svd", "linalg.svdvals", "linalg.vector_norm",
    "abs", "lgamma", "nn.functional.binary_cross_entropy", "nn.functional.cosine_similarity",
    "nn.functional.cross_entropy", "nn.functional.embedding", "nn.functional.nll_loss", "nn.functional.normalize", "svd", "matrix_exp",
    "repeat_interleave", "cdist", "cov", "dist", "index_reduce", "mvlgamma", "nn.functional.pairwise_distance",
    "nn.functional.pdist", "renorm", "scatter_reduce", "istft", "masked.norm", "masked.normalize",
    "nn.functional.ctc_loss", "nn.functional.embedding_bag", "nn.functional.gaussian_nll_loss",
    "nn.functional.max_unpool1d", "nn.functional.max_unpool2d", "nn.functional.max_unpool3d", "nn.functional.multi_margin_loss",
    "nn.functional.multilabel_margin_loss", "nn.functional.triplet_margin_loss", "nn.functional.triplet_margin_with_distance_loss",
}  # fmt: skip
"""Operators that look at a value to decide how to go on, as PyTorch's own do for some of them."""

CALLS = list({call.name: call for call in calls()}.values())


def _compared(call: Call, dtype: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        refgrad.manual_seed(0)
        here = gradients(refgrad, call, dtype, "cpu")
        refgrad.manual_seed(0)
        stand_in.crossings.clear()
        there = gradients(OnDevice(), call, dtype, "cuda")
    back = [shape for direction, shape in stand_in.crossings if direction == "to host"]
    assert not back or call.operator in LOOKING, f"elements of shapes {back} went to the host"
    for ours, theirs in zip(there, here, strict=True):
        for a, b in zip(ours, theirs, strict=True):
            assert (a is None) == (b is None)
            if a is not None:
                assert a.device == refgrad.device("cuda:0")
                assert a.dtype == b.dtype
                np.testing.assert_allclose(a.detach().cpu().numpy(), b.detach().numpy(), RTOL, ATOL)


@pytest.mark.parametrize("call", CALLS, ids=[call.name for call in CALLS])
def test_a_call_gives_what_it_gives_on_the_cpu(device: str, call: Call) -> None:
    for dtype in ("float64", "complex128") if "c" in call.flags else ("float64",):
        _compared(call, dtype)
