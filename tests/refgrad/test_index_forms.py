"""Functions that write by position: scalars, broadcasting, and the errors for what does not fit, as PyTorch has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import refgrad

torch = pytest.importorskip("torch")


def numbers(T: Any, *shape: int) -> Any:
    n = 1
    for size in shape:
        n *= size
    return T.arange(1.0, 1.0 + n, dtype=T.float64).reshape(shape)


FORMS: dict[str, Callable[[Any, Any, Any], Any]] = {  # of the engine, a scalar, and a matrix of two rows
    "fill a scalar": lambda T, x, z: x.index_fill(0, T.tensor([0]), 2.0),
    "fill a scalar, outside": lambda T, x, z: x.index_fill(0, T.tensor([1]), 2.0),
    "copy into a scalar": lambda T, x, z: x.index_copy(0, T.tensor([0]), numbers(T)),
    "copy a vector into a scalar": lambda T, x, z: x.index_copy(0, T.tensor([0]), numbers(T, 1)),
    "copy at a scalar position": lambda T, x, z: x.index_copy(0, T.tensor(0), numbers(T)),
    "copy too much": lambda T, x, z: x.index_copy(0, T.tensor([0]), numbers(T, 2)),
    "copy outside": lambda T, x, z: x.index_copy(0, T.tensor([1]), numbers(T)),
    "copy too few dimensions": lambda T, x, z: z.index_copy(0, T.tensor(0), numbers(T, 3)),
    "copy rows of another length": lambda T, x, z: z.index_copy(0, T.tensor([0]), numbers(T, 1, 2)),
    "copy more than positions": lambda T, x, z: z.index_copy(0, T.tensor([0]), numbers(T, 2, 3)),
    "copy columns": lambda T, x, z: z.index_copy(1, T.tensor([2, 0]), numbers(T, 2, 2)),
    "copy a scalar into a vector": lambda T, x, z: z[0].index_copy(0, T.tensor(1), numbers(T)),
    "add to a scalar": lambda T, x, z: x.index_add(0, T.tensor([0]), numbers(T)),
    "add a vector to a scalar": lambda T, x, z: x.index_add(0, T.tensor([0]), numbers(T, 1)),
    "fill with a tensor": lambda T, x, z: z.index_fill(0, T.tensor([-1]), numbers(T)),
    "fill with a vector": lambda T, x, z: z.index_fill(0, T.tensor([0]), numbers(T, 1)),
    "scatter rows": lambda T, x, z: z.masked_scatter(T.tensor([[True], [False]]), numbers(T, 6)),
    "scatter into rows": lambda T, x, z: z[:1].masked_scatter(T.tensor([[True], [True]]), numbers(T, 6)),
    "scatter into a scalar": lambda T, x, z: x.masked_scatter(T.tensor([True, False]), numbers(T, 3)),
    "scatter too little": lambda T, x, z: z.masked_scatter(T.tensor([True, True, False]), numbers(T, 1)),
    "scatter nothing": lambda T, x, z: z.masked_scatter(T.tensor(False), numbers(T, 6)),
    "scatter by integers": lambda T, x, z: z.masked_scatter(T.tensor([[1], [0]]), numbers(T, 6)),
    "scatter another dtype": lambda T, x, z: z.masked_scatter(T.tensor(True), numbers(T, 6).float()),
    "scatter in place": lambda T, x, z: (z * 1).masked_scatter_(T.tensor([[True], [False]]), numbers(T, 6)),
    "narrow a scalar": lambda T, x, z: x.narrow(0, 0, 1),
    "narrow too far": lambda T, x, z: z.narrow(0, 1, 2),
    "pieces of a scalar": lambda T, x, z: x.chunk(2),
    "slices of a scalar": lambda T, x, z: x.unbind(),
    "masked by a number": lambda T, x, z: (z > 2).masked_fill(z > 1, 0.5),
    "integers masked by a number": lambda T, x, z: z.long().masked_fill(z > 1, 2.5),
}


@pytest.mark.parametrize("form", FORMS)
def test_values_gradients_names_and_errors_are_pytorchs(form: str) -> None:
    found = []
    for T in (torch, refgrad):
        x, z = (numbers(T, *shape).requires_grad_() for shape in ((), (2, 3)))
        try:
            y = FORMS[form](T, x, z)
            g = T.autograd.grad(y.sum(), (x, z), allow_unused=True) if y.requires_grad else (None, None)
            gradients = [None if p is None else p.tolist() for p in g]
            found.append((y.tolist(), str(y.dtype), gradients, y.grad_fn and type(y.grad_fn).__name__))
        except (RuntimeError, IndexError) as error:
            found.append(type(error).__name__)
    assert found[1] == found[0]


def test_the_source_of_a_masked_scatter_gets_its_gradient() -> None:
    found = []
    for T in (torch, refgrad):
        x, source = numbers(T, 1, 3).requires_grad_(), numbers(T, 7).requires_grad_()
        y = x.masked_scatter(T.tensor([[True], [False]]), source)
        (y * numbers(T, *y.shape)).sum().backward()
        found.append((x.grad.tolist(), source.grad.tolist()))
    assert found[1] == found[0]
