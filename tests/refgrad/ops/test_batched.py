"""What vmap gives over functions and their derivatives agrees with PyTorch, where operators are several steps or refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import refgrad
from tests.refgrad.ops.against_torch import torch

CASES = {
    "fmax": (lambda t, x, y: t.fmax(x, y), [(3, 4), (3, 4)]),
    "std": (lambda t, x: t.func.grad(lambda z: t.std(z))(x), [(3, 4)]),
    "norm": (lambda t, x: t.func.grad(lambda z: t.linalg.vector_norm(z, 3))(x), [(3, 4)]),
    "atan2": (lambda t, x, y: t.func.hessian(lambda z: t.atan2(z, y).sum())(x), [(3, 4), (3, 4)]),
    "logsumexp": (lambda t, x: t.func.hessian(lambda z: t.logsumexp(z, 0))(x), [(3, 4)]),
    "eigvals": (lambda t, x: (t.linalg.eigvals(x) ** 2).sum().real, [(2, 3, 3)]),
    "eigh": (lambda t, x: t.func.grad(lambda z: (t.linalg.eigh(z + z.mT)[0] ** 3).sum())(x), [(2, 3, 3)]),
    "svd": (lambda t, x: t.func.grad(lambda z: t.linalg.svd(z, full_matrices=False)[0].abs().sum())(x), [(2, 3, 2)]),
    "qr": (lambda t, x: t.linalg.qr(x, mode="r")[1].abs(), [(2, 3, 3)]),
    "lp_pool1d": (lambda t, x: t.nn.functional.lp_pool1d(x, 2.0, 2), [(3, 1, 2, 4)]),
    "scatter_reduce": (lambda t, x, s: t.scatter_reduce(x, 0, t.tensor([0, 1, 1]), s, "amax"), [(2, 4), (2, 3)]),
    "huber_loss": (lambda t, x: t.func.grad(lambda z: t.nn.functional.huber_loss(z, z.detach() * 0))(x), [(2, 4)]),
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # PyTorch's own, of its hessian
@pytest.mark.parametrize("name", CASES)
def test_batches(name: str) -> None:
    function, shapes = CASES[name]
    xs = [np.random.default_rng(i).standard_normal(shape) for i, shape in enumerate(shapes)]
    np.testing.assert_allclose(_mapped(refgrad, function, xs), _mapped(torch, function, xs), rtol=1e-9, atol=1e-12)


def _mapped(t: Any, function: Callable[..., Any], xs: list[np.ndarray]) -> np.ndarray:
    return t.func.vmap(lambda *v: function(t, *v))(*[t.tensor(x) for x in xs]).numpy()
