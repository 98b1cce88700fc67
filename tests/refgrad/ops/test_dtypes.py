"""Promotion over all pairs of dtypes, the dtype of gradients, and what is refused, as PyTorch has it."""

from __future__ import annotations

import itertools
import warnings
from typing import Any

import numpy as np
import pytest

import refgrad
from tests.refgrad.ops.against_torch import torch

DTYPES = "bool uint8 int8 int16 int32 int64 float16 bfloat16 float32 float64 complex64 complex128".split()
FLOATING = DTYPES[6:]
BINARY = (
    "add sub mul div pow float_power atan2 fmod remainder maximum minimum fmax logaddexp xlogy hypot copysign where lerp eq"
).split()
UNARY = "exp sin sqrt abs sigmoid tanh relu neg square erf lgamma reciprocal log1p round sum mean prod cumsum".split()
NUMBERS = (True, 2, 2.5, 2j)
# what PyTorch has no kernel or dtype for, where refgrad answers: half complex numbers, and backward of these pairs
LACKING = {"complex32"}


def _operand(t: Any, dtype: str, ndim: int) -> Any:
    x = t.tensor([1, 1] if ndim else 1, dtype=getattr(t, dtype))
    return x.requires_grad_() if dtype in FLOATING else x


def _outcome(t: Any, name: str, *operands: Any) -> tuple[Any, ...] | None:
    """The dtypes of the result and of the gradients; None where it is refused."""
    try:
        if name == "where":
            y = t.where(t.tensor([True, False]), *operands)
        elif name == "lerp":
            y = t.lerp(*operands, 0.5)
        else:
            y = getattr(t, name)(*operands)
        leaves = [x for x in operands if getattr(x, "requires_grad", False)]
        gradients = t.autograd.grad(y, leaves, t.ones_like(y)) if y.requires_grad else ()
    except (RuntimeError, TypeError):
        return None
    return tuple(str(v.dtype).rpartition(".")[2] for v in (y, *gradients))


def _differences(names: list[str], operands: Any) -> list[str]:
    wrong = []
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for name, described in itertools.product(names, operands):
            made = [[_operand(t, *d) if isinstance(d, tuple) else d for d in described] for t in (torch, refgrad)]
            theirs, ours = _outcome(torch, name, *made[0]), _outcome(refgrad, name, *made[1])
            if theirs is not None and theirs != ours and not LACKING & set(theirs):
                wrong.append(f"{name}{described}: {ours}, not {theirs}")
    return wrong


@pytest.mark.parametrize("ndims", [(1, 1), (0, 1), (1, 0)])
def test_pairs_of_dtypes_promote_as_in_pytorch(ndims: tuple[int, int]) -> None:
    pairs = [((a, ndims[0]), (b, ndims[1])) for a, b in itertools.product(DTYPES, DTYPES)]
    assert not _differences(BINARY, pairs)


def test_numbers_give_way_to_tensors() -> None:
    names = ["add", "sub", "mul", "div", "pow", "remainder", "fmod", "float_power"]
    operands = [((d, 1), n) for d in DTYPES for n in NUMBERS]
    operands += [(n, (d, 1)) for d in DTYPES for n in NUMBERS]
    wrong = [
        w for w in _differences(names, operands) if "pow(('bool', 1), True)" not in w
    ]  # booleans have no power here
    assert not wrong


def test_functions_of_one_tensor_keep_or_choose_the_dtype() -> None:
    assert not _differences(UNARY, [((d, n),) for d in DTYPES for n in (0, 1)])


@pytest.mark.parametrize(
    ("name", "dtype", "words"),
    [
        ("sub", "bool", "with a bool tensor is not supported"),
        ("fmod", "bool", "not implemented for 'Bool'"),
        ("remainder", "complex64", "not implemented"),
        ("maximum", "complex128", "not implemented for complex"),
        ("atan2", "complex64", "not implemented"),
    ],
)
def test_operands_without_a_meaning_are_refused(name: str, dtype: str, words: str) -> None:
    x = refgrad.tensor([1, 1], dtype=getattr(refgrad, dtype))
    with pytest.raises(RuntimeError, match=words):
        getattr(refgrad, name)(x, x)


@pytest.mark.parametrize("dtype", DTYPES[:6])
def test_whole_numbers_and_booleans_take_no_gradient(dtype: str) -> None:
    for t in (torch, refgrad):
        x = t.ones(2).to(getattr(t, dtype))
        with pytest.raises(
            RuntimeError, match=r"only Tensors of floating point(?: and complex)? dtype can require gradients"
        ):
            x.requires_grad_()
        with pytest.raises(RuntimeError, match=r"(?i)only Tensors of floating point"):
            t.tensor([1], dtype=getattr(t, dtype), requires_grad=True)


@pytest.mark.parametrize("dtype", FLOATING)
def test_gradients_have_the_dtype_of_their_leaf(dtype: str) -> None:
    x = refgrad.ones(3).to(getattr(refgrad, dtype)).requires_grad_()
    wide = refgrad.ones(3, dtype=refgrad.complex128)
    (x * wide).abs().sum().backward()
    assert x.grad.dtype == x.dtype
    assert x.grad.abs().double().tolist() == pytest.approx([1.0, 1.0, 1.0])
