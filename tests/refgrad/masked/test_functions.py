"""The functions of `torch.masked` beside PyTorch's: values, gradients, misuse, and what stands where nothing counts."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

import refgrad

torch = pytest.importorskip("torch")
pytestmark = [
    pytest.mark.filterwarnings("ignore::UserWarning"),
    pytest.mark.filterwarnings("ignore:(divide by zero|invalid value|overflow) encountered:RuntimeWarning"),
]

DATA = [[1.0, 2.0, 2.0, -1.0], [3.0, 0.5, 7.0, 3.0], [-2.0, 2.5, -2.5, 4.0]]
MASK = [[True, True, False, True], [True, False, True, True], [True, True, False, False]]
ALONG = {"of rows": {"dim": 1}, "of columns": {"dim": -2}}
OVER = ALONG | {
    "whole": {},
    "all": {"dim": ()},
    "kept": {"dim": (0, 1), "keepdim": True},
    "double": {"dtype": "float64"},
}
ORDERS = (2.0, 1.0, 3.0, 0.5, -1.0, math.inf, -math.inf)

CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    f"{name} {words}": (name, options)
    for names, choices in (
        ("sum prod mean amax amin logsumexp var std", OVER),
        ("median", ALONG | {"last": {}, "kept": {"dim": 0, "keepdim": True}}),
        ("softmax log_softmax softmin cumsum cumprod", ALONG | {"double": {"dim": 0, "dtype": "float64"}}),
        ("norm", {f"{o} {d}": {"ord": o, "dim": d} for o in ORDERS for d in (None, 1)}),
        ("normalize", {f"{o}": {"ord": o, "dim": 1} for o in (1.0, 2.0, math.inf)} | {"eps": {"ord": 2.0, "dim": 0, "eps": 9.0}}),
        ("var std", {"biased": {"dim": 1, "unbiased": False}, "corrected": {"dim": 1, "correction": 0.5}}),
    )
    for name in names.split()
    for words, options in choices.items()
}  # fmt: skip


def call(T: Any, name: str, options: dict[str, Any], x: Any, **mask: Any) -> Any:
    named = {k: getattr(T, v) if k == "dtype" else v for k, v in options.items()}
    return getattr(T.masked, name)(x, **named, **mask)


def leaf(T: Any, dtype: str) -> Any:
    return T.tensor(DATA, dtype=getattr(T, dtype), requires_grad=True)


def weighted(T: Any, y: Any) -> Any:
    """The sum of what is finite, with a weight of its own for each element; of complex ones both parts."""
    y = y.real + 2 * y.imag if y.dtype.is_complex else y
    return (T.where(y.isfinite(), y, T.zeros_like(y)) * T.arange(1, y.numel() + 1).reshape(y.shape)).sum()


def agree(run: Callable[[Any], tuple[Any, Any]], dtype: str) -> None:
    (y, g), (expected, gradient) = run(refgrad), run(torch)
    assert str(y.dtype).rpartition(".")[2] == str(expected.dtype).rpartition(".")[2]
    single = "32" in dtype
    for ours, theirs in ((y.detach(), expected.detach()), (g, gradient)):
        assert list(ours.shape) == list(theirs.shape)
        assert ours.reshape(-1).tolist() == pytest.approx(
            theirs.reshape(-1).tolist(), rel=1e-5 if single else 1e-13, abs=1e-6 if single else 1e-14, nan_ok=True
        )


@pytest.mark.parametrize("mask", [MASK, MASK[0], [[True], [False], [True]]], ids=["whole", "row", "column"])
@pytest.mark.parametrize("form", CALLS)
def test_values_and_gradients_are_pytorchs(form: str, mask: Any) -> None:
    name, options = CALLS[form]
    whole = [True, True, True, True]
    if name in ("var", "std") and mask is not MASK:
        mask = [whole, MASK[0], whole]  # of rows that nothing counts in PyTorch has nan gradients, as of all equal ones

    def run(T: Any) -> tuple[Any, Any]:
        x = leaf(T, "float64")
        y = call(T, name, options, x, mask=T.tensor(mask))
        (g,) = T.autograd.grad(weighted(T, y), x)
        return y, g

    agree(run, "float64")


@pytest.mark.parametrize("dtype", ["float32", "complex128"])
@pytest.mark.parametrize("name", ["sum", "mean", "prod", "logsumexp", "var", "std", "cumsum", "cumprod", "normalize"])
def test_other_dtypes_are_pytorchs(name: str, dtype: str) -> None:
    options: dict[str, Any] = {"dim": 1} | ({"ord": 2.0} if name == "normalize" else {})

    def run(T: Any) -> tuple[Any, Any]:
        x = leaf(T, dtype)
        y = call(T, name, options, x * (1 + 0.25j) if dtype == "complex128" else x, mask=T.tensor(MASK))
        (g,) = T.autograd.grad(weighted(T, y), x)
        return y, g

    agree(run, dtype)


MASKS = {"both": (MASK, MASK[::-1]), "first": (MASK, None), "second": (None, MASK[1]), "none": (None, None)}


@pytest.mark.parametrize("which", MASKS)
def test_logaddexp_is_pytorchs(which: str) -> None:
    def run(T: Any) -> tuple[Any, Any]:
        x = leaf(T, "float64")
        masks = [None if m is None else T.tensor(m) for m in MASKS[which]]
        y = T.masked.logaddexp(x, x.flip(0) * 2, input_mask=masks[0], other_mask=masks[1])
        (g,) = T.autograd.grad(weighted(T, y), x)
        return y, g

    agree(run, "float64")


INTEGERS = ["sum", "prod", "amax", "amin", "median", "logsumexp", "var", "std", "cumsum", "cumprod"]


@pytest.mark.parametrize("name", INTEGERS)
def test_integers_are_pytorchs(name: str) -> None:
    found = [call(T, name, {"dim": 1}, T.tensor(DATA).to(T.int32), mask=T.tensor(MASK)) for T in (refgrad, torch)]
    assert len({str(y.dtype).rpartition(".")[2] for y in found}) == 1
    assert found[0].reshape(-1).tolist() == pytest.approx(found[1].reshape(-1).tolist())


REDUCING = "sum prod mean amax amin median logsumexp norm var std".split()
KEEPING = "softmax log_softmax softmin cumsum cumprod normalize".split()


@pytest.mark.parametrize("wild", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", REDUCING + KEEPING)
def test_nothing_leaks_from_what_does_not_count(name: str, wild: float) -> None:
    mask = refgrad.tensor([[True, False, True, True], [False, True, False, True]])
    options: dict[str, Any] = {"dim": 1} | ({"ord": 2.0} if name == "normalize" else {})
    found = []
    for value in (wild, 5.0):
        x = refgrad.where(mask, refgrad.tensor(DATA[:2], dtype=refgrad.float64), value).requires_grad_()
        y = call(refgrad, name, options, x, mask=mask)
        counting = y if name in REDUCING else refgrad.where(mask, y, 0.0)
        (g,) = refgrad.autograd.grad(weighted(refgrad, counting), x, create_graph=True)
        (h,) = refgrad.autograd.grad((g * g).sum(), x) if g.requires_grad else (g.detach(),)
        found.append([v.detach().tolist() for v in (counting, g, h)])
        assert not g[~mask].any()
    assert found[0] == found[1]


@pytest.mark.parametrize("name", REDUCING)
def test_where_nothing_counts_there_is_no_gradient(name: str) -> None:
    x = refgrad.tensor(DATA[:2], dtype=refgrad.float64, requires_grad=True)
    y = call(refgrad, name, {"dim": 1}, x, mask=refgrad.tensor([[False], [True]]))
    alone = x.detach()[1:].requires_grad_()
    (g,) = refgrad.autograd.grad(y.sum(), x)
    (expected,) = refgrad.autograd.grad(call(refgrad, name, {"dim": 1}, alone).sum(), alone)
    assert not g[0].any()
    assert g[1].tolist() == pytest.approx(expected[0].tolist(), rel=1e-14)


@pytest.mark.parametrize("correction", [0, 1])
def test_equal_elements_deviate_by_nothing_and_have_no_gradient(correction: int) -> None:
    x = refgrad.tensor([2.0, 7.0, 2.0, 2.0], requires_grad=True)
    y = refgrad.masked.std(x, correction=correction, mask=refgrad.tensor([True, False, True, True]))
    (g,) = refgrad.autograd.grad(y, x)
    assert (y.item(), g.tolist()) == (0.0, [0.0] * 4)


MISUSE: dict[str, Callable[[Any, Any, Any], Any]] = {
    "a mask of more dimensions": lambda M, x, m: M.sum(x, mask=m[None]),
    "a mask of another shape": lambda M, x, m: M.mean(x, mask=m[:, :3]),
    "a dimension twice": lambda M, x, _m: M.sum(x, (0, 0)),
    "the same dimension twice": lambda M, x, m: M.logsumexp(x, (1, -1), mask=m),
    "twice, of a product": lambda M, x, m: M.prod(x, (1, 1), mask=m),
    "no such dimension": lambda M, x, m: M.amax(x, 3, mask=m),
    "no such row": lambda M, x, m: M.median(x, -4, mask=m),
    "none to sum along": lambda M, x, m: M.cumsum(x, 2, mask=m),
    "both corrections": lambda M, x, m: M.var(x, 1, True, correction=1, mask=m),
    "a mean of integers": lambda M, x, m: M.mean(x.long(), mask=m),
    "medians of no integers": lambda M, x, m: M.median(x.long(), 1, mask=m & ~m),
    "no order": lambda M, x, m: M.norm(x, None, mask=m),
}


@pytest.mark.parametrize("form", MISUSE)
def test_misuse_raises_what_pytorch_raises(form: str) -> None:
    raised = []
    for T in (refgrad, torch):
        with pytest.raises(Exception) as caught:  # noqa: PT011 - which one is what is compared
            MISUSE[form](T.masked, T.tensor(DATA), T.tensor(MASK))
        raised.append(caught.type.__name__)
    assert raised[0] == raised[1]
