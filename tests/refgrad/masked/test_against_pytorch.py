"""Masked tensors beside PyTorch's: what counts, its values, its gradients, and the text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import refgrad

torch = pytest.importorskip("torch")
pytestmark = [
    pytest.mark.filterwarnings("ignore::UserWarning:torch"),  # that masked tensors are a prototype there
    pytest.mark.filterwarnings("ignore:(divide by zero|invalid value) encountered:RuntimeWarning"),
]

DATA, MASK = [[1.5, 2.0, -3.0], [4.0, 0.0, 6.0]], [[True, False, True], [True, False, True]]


def leaf(T: Any) -> Any:
    return T.masked.masked_tensor(T.tensor(DATA, dtype=T.float64), T.tensor(MASK), requires_grad=True)


def row(T: Any) -> Any:
    return T.tensor([2.0, 3.0, -4.0], dtype=T.float64)


def counting(x: Any) -> tuple[list[bool], list[Any]]:
    """The mask of a masked tensor (of another, all True), and the elements that count."""
    masked = type(x).__name__ == "MaskedTensor"
    mask = (x.get_mask() if masked else refgrad.ones(tuple(x.shape)).bool()).reshape(-1).tolist()
    data = (x.get_data() if masked else x).detach().reshape(-1).tolist()
    return [masked, *mask], [v for v, m in zip(data, mask, strict=True) if m]


DIFFERENTIABLE: dict[str, Callable[[Any, Any], Any]] = {  # of the engine, and the leaf
    "sum": lambda T, x: x.sum(),
    "sum of rows": lambda T, x: T.sum(x, 1),
    "sum, kept": lambda T, x: x.sum(0, keepdim=True),
    "sum of dimensions": lambda T, x: x.sum((0, 1)),
    "mean": lambda T, x: x.mean(),
    "mean of columns": lambda T, x: T.mean(x, 0),
    "prod": lambda T, x: x.prod(),
    "prod of rows": lambda T, x: T.prod(x, 1),
    "amax": lambda T, x: x.amax(),
    "amax of columns": lambda T, x: T.amax(x, 0),
    "amin of rows": lambda T, x: x.amin(dim=1),
    "reduced twice": lambda T, x: (x * x).sum(0).amax(),
    "exp": lambda T, x: x.exp(),
    "sqrt": lambda T, x: T.sqrt(x),
    "log": lambda T, x: x.log(),
    "abs": lambda T, x: abs(x),
    "neg": lambda T, x: -x,
    "sin": lambda T, x: x.sin() * 2,
    "square": lambda T, x: x.square(),
    "pow": lambda T, x: x**3,
    "add a number": lambda T, x: 1 + x,
    "divide a number": lambda T, x: 1 / x,
    "product with itself": lambda T, x: x * x,
    "product with a row": lambda T, x: x * row(T),
    "quotient of a row": lambda T, x: row(T) / x,
    "masked product": lambda T, x: x * T.masked.masked_tensor(T.tensor(DATA, dtype=T.float64), T.tensor(MASK)),
    "logaddexp": lambda T, x: T.logaddexp(x, x * 2),
    "transpose": lambda T, x: x.transpose(0, 1) * 2,
    "t": lambda T, x: x.t(),
    "row": lambda T, x: x[1] * 2,
    "columns": lambda T, x: x[:, 1:],
    "view": lambda T, x: x.view(6) * 2,
    "reshape": lambda T, x: x.reshape(3, 2),
    "cat": lambda T, x: T.cat([x, x * 3]),
    "stack": lambda T, x: T.stack([x, x * 3]),
    "clone": lambda T, x: x.clone(),
    "single precision": lambda T, x: x.float(),
    "to_tensor": lambda T, x: x.to_tensor(7.0) * row(T),
    "get_data": lambda T, x: T.masked.as_masked_tensor(x.get_data().exp(), x.get_mask()),
    "masked.sum": lambda T, x: T.masked.sum(x, 1, mask=x.get_mask()),
    "masked.mean": lambda T, x: T.masked.mean(x, mask=x.get_mask()),
    "masked.prod": lambda T, x: T.masked.prod(x, 1, keepdim=True, mask=x.get_mask()),
    "masked.amax": lambda T, x: T.masked.amax(x, (0, 1), mask=x.get_mask()),
    "masked.amin": lambda T, x: T.masked.amin(x, mask=x.get_mask()),
}


@pytest.mark.parametrize("form", DIFFERENTIABLE)
def test_values_and_gradients_that_count_are_pytorchs(form: str) -> None:
    ours, theirs = leaf(refgrad), leaf(torch)
    y, expected = DIFFERENTIABLE[form](refgrad, ours), DIFFERENTIABLE[form](torch, theirs)
    agree(y, expected)
    for root in (y, expected):
        (root if root.numel() == 1 else root.sum()).backward()
    agree(ours.grad, theirs.grad)
    assert repr(ours.grad) == repr(theirs.grad)


def agree(ours: Any, theirs: Any) -> None:
    mask, values = counting(ours)
    expected_mask, expected = counting(theirs)
    assert (mask, list(ours.shape), str(ours.dtype)) == (expected_mask, list(theirs.shape), str(theirs.dtype))
    assert values == pytest.approx(expected, rel=1e-6 if "32" in str(ours.dtype) else 1e-14, nan_ok=True)


ORDINARY: dict[str, Callable[[Any, Any], Any]] = {  # of the engine and an ordinary leaf
    "quotient": lambda T, x: T.masked.as_masked_tensor(x / x.detach(), T.tensor(MASK)).sum(),
    "root": lambda T, x: T.masked.as_masked_tensor(x.sqrt(), T.tensor(MASK)).mean(),
    "broadcast": lambda T, x: T.masked.as_masked_tensor(
        x[0] / T.tensor([[0.0, 0, 1], [2, 0, 4]]), T.tensor(MASK)
    ).sum(),
    "masked.sum": lambda T, x: T.masked.sum(x * x, mask=T.tensor([True, False, True])),
    "masked.mean": lambda T, x: T.masked.mean(x, 0, mask=T.tensor(MASK))[::2].sum(),
    "masked.prod": lambda T, x: T.masked.prod(x, (0, 1), mask=T.tensor(MASK)),
    "masked.amax": lambda T, x: T.masked.amax(x, 1, mask=T.tensor(MASK)).sum(),
    "masked.amin": lambda T, x: T.masked.amin(x, 1, dtype=T.float64, mask=T.tensor(MASK)).sum(),
}


@pytest.mark.parametrize("form", ORDINARY)
def test_gradients_of_ordinary_leaves_are_pytorchs(form: str) -> None:
    ours, theirs = (T.tensor(DATA, dtype=T.float64, requires_grad=True) for T in (refgrad, torch))
    ORDINARY[form](refgrad, ours).backward()
    ORDINARY[form](torch, theirs).backward()
    agree(ours.grad, theirs.grad)


CONSTANT: dict[str, Callable[[Any, Any], Any]] = {  # of the engine and a masked leaf
    "less": lambda T, x: x < 2,
    "equal": lambda T, x: x == x * 1,
    "isnan": lambda T, x: x.log().isnan(),
    "all": lambda T, x: (x != 0).all(1),
    "argmax": lambda T, x: x.argmax(1).long(),  # which PyTorch gives in the dtype of the tensor
    "argmin": lambda T, x: x.argmin().long(),
    "floor": lambda T, x: x.floor(),
    "detach": lambda T, x: x.detach(),
    "ones_like": lambda T, x: T.ones_like(x),
    "no values": lambda T, x: T.masked.amax(x, 0, mask=x.get_mask()),
    "no means": lambda T, x: T.masked.mean(x, 0, mask=x.get_mask()),
    "least of integers": lambda T, x: T.masked.amin(T.tensor([[1, 2]]), 0, mask=T.tensor([[True, False]])),
    "most of bytes": lambda T, x: T.masked.amax(T.tensor([[1, 2]]).to(T.int8), 0, mask=T.tensor([[True, False]])),
    "least of unsigned": lambda T, x: T.masked.amin(T.tensor([[1, 2]]).byte(), 0, mask=T.tensor([[True, False]])),
    "sum of bools": lambda T, x: T.masked.sum(T.tensor([True, True]), mask=T.tensor([True, False])),
    "sum of integers": lambda T, x: T.masked.masked_tensor(T.tensor([1, 20]), T.tensor([True, False])).sum(),
    "in place": lambda T, x: x.detach().mul_(x.detach()).exp_().add_(1.0),
}


@pytest.mark.parametrize("form", CONSTANT)
def test_what_has_no_gradient_is_pytorchs(form: str) -> None:
    agree(CONSTANT[form](refgrad, leaf(refgrad)), CONSTANT[form](torch, leaf(torch)))


TEXTS: dict[str, Callable[[Any], tuple[Any, Any]]] = {  # of the engine: data and mask
    "vector": lambda T: (T.tensor([1.0, -20.5]), T.tensor([True, False])),
    "large": lambda T: (T.tensor([[1234567.0, 2e-9], [1.0, 2.0]]), T.tensor([[True, False], [False, False]])),
    "integers": lambda T: (T.tensor([1, 20]), T.tensor([True, False])),
    "booleans": lambda T: (T.tensor([[True, False, True]]), T.tensor([[True, True, False]])),
    "scalar": lambda T: (T.tensor(2.5), T.tensor(True)),
    "masked scalar": lambda T: (T.tensor(2), T.tensor(False)),
    "cube": lambda T: (T.arange(8.0).reshape(2, 2, 2), T.arange(8).reshape(2, 2, 2) > 3),
    "nan": lambda T: (T.tensor([float("nan"), float("-inf")]), T.tensor([True, True])),
}


@pytest.mark.parametrize("form", TEXTS)
def test_the_text_is_pytorchs(form: str) -> None:
    ours, theirs = (repr(T.masked.masked_tensor(*TEXTS[form](T))) for T in (refgrad, torch))
    assert ours == theirs


WRONG: dict[str, Callable[[Any], Any]] = {
    "data is no tensor": lambda T: T.masked.MaskedTensor([1.0], T.tensor([True])),
    "mask is no tensor": lambda T: T.masked.masked_tensor(T.ones(1), [True]),
    "masked data": lambda T: T.masked.masked_tensor(leaf(T), T.tensor(MASK)),
    "mask of floats": lambda T: T.masked.as_masked_tensor(T.ones(2), T.ones(2)),
    "complex data": lambda T: T.masked.masked_tensor(T.ones(1, dtype=T.complex64), T.tensor([True])),
    "another size": lambda T: T.masked.masked_tensor(T.ones(2), T.tensor([True])),
    "another dimension": lambda T: T.masked.masked_tensor(T.ones(1), T.tensor([[True]])),
    "other masks": lambda T: leaf(T) + T.masked.masked_tensor(T.ones(2, 3), ~T.tensor(MASK)),
    "mean of integers": lambda T: T.masked.mean(T.tensor([1, 2]), mask=T.tensor([True, False])),
    "number of a masked element": lambda T: leaf(T)[0, 1].item(),
    "list": lambda T: leaf(T).tolist(),
    "array": lambda T: leaf(T).detach().numpy(),
    "iteration": lambda T: list(leaf(T)),
    "matmul": lambda T: leaf(T) @ leaf(T).t(),
    "cumsum": lambda T: leaf(T).cumsum(0),
    "gradients masked otherwise": lambda T: (x := leaf(T), (x[0] + x[1]).sum().backward()),
}


@pytest.mark.parametrize("form", WRONG)
def test_what_pytorch_refuses_is_refused_in_one_line(form: str) -> None:
    with pytest.raises(Exception) as theirs:  # noqa: PT011 - whichever it is, ours is compared with it
        WRONG[form](torch)
    with pytest.raises(theirs.type) as ours:
        WRONG[form](refgrad)
    assert "\n" not in str(ours.value)
