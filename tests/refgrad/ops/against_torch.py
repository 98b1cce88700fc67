"""One function, written in PyTorch's spelling, run by PyTorch and by refgrad: values, gradients of order 1 and 2,
forward mode.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import refgrad
import refgrad.nn.functional

torch = pytest.importorskip("torch", reason="PyTorch is the second witness")

# Rounding of sums of about 10 products, twice differentiated; float32 gradients of order 2 lose up to half of their digits.
TOLERANCE = {"float64": (1e-8, 1e-9), "float32": (2e-3, 2e-3), "complex128": (1e-8, 1e-9)}

Case = tuple[str, Callable[..., Any], Sequence[Any]]


def cases(*table: Case) -> Any:
    """A parametrisation by rows of (name, function of the namespace and the tensors, shapes or arrays)."""
    names = [name for name, *_ in table]
    ids = [f"{name}-{names[:i].count(name)}" if names.count(name) > 1 else name for i, name in enumerate(names)]
    return pytest.mark.parametrize(("function", "inputs"), [row[1:] for row in table], ids=ids)


def arrays(inputs: Sequence[Any], dtype: str, seed: int = 0) -> list[Any]:
    """Inputs given by shape are drawn; arrays are cast if they hold floats."""
    random = np.random.default_rng(seed)
    return [_array(random, x, dtype) for x in inputs]


def _array(random: np.random.Generator, x: Any, dtype: str) -> Any:
    if not isinstance(x, tuple):
        x = np.asarray(x)
        return x.astype(dtype) if x.dtype.kind in "fc" else x
    drawn = random.standard_normal(x)
    return np.asarray(drawn + 1j * random.standard_normal(x) if dtype.startswith("complex") else drawn, dtype)


def agree(
    function: Callable[..., Any], inputs: Sequence[Any], dtype: str = "float64", order: int = 2, *, forward: bool = True
) -> None:
    """Fails unless both engines give the same values and gradients, and forward mode is the transpose of reverse
    mode.
    """
    agree_on(function, arrays(inputs, dtype), dtype, order, forward=forward)


def agree_on(
    function: Callable[..., Any], xs: Sequence[Any], dtype: str = "float64", order: int = 2, *, forward: bool = True
) -> None:
    """The same at these arrays."""
    theirs = [torch.tensor(x, requires_grad=x.dtype.kind in "fc") for x in xs]
    ours = [refgrad.tensor(x, requires_grad=x.dtype.kind in "fc") for x in xs]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        y, expected = _outputs(function(refgrad, *ours)), _outputs(function(torch, *theirs))
        _compare("value", y, expected, dtype)
        if forward:
            _transposed(function, ours, dtype)
        x, leaves = [a for a in ours if a.requires_grad], [a for a in theirs if a.requires_grad]
        for k in range(1, order + 1):
            pairs = [(a, b) for a, b in zip(y, expected, strict=True) if b.requires_grad]
            if not pairs:
                return
            found = _gradients(pairs, x, leaves, k)
            if found is None:
                return
            y, expected = found
            _compare(f"gradient of order {k}", y, expected, dtype)


def _outputs(y: Any) -> list[Any]:
    return [z for v in y for z in _outputs(v)] if isinstance(y, (tuple, list)) else [y]


def _gradients(pairs: list[Any], x: list[Any], leaves: list[Any], order: int) -> tuple[list[Any], list[Any]] | None:
    """Both engines' gradients; None where PyTorch has none of this order."""
    gs = [_array(np.random.default_rng(order), tuple(b.shape), str(b.dtype).split(".")[1]) for _, b in pairs]
    recorded = [
        (a, g) for (a, _), g in zip(pairs, gs, strict=True) if a.requires_grad
    ]  # others are constant: no gradient
    roots, cotangents = [a for a, _ in recorded], [refgrad.tensor(g) for _, g in recorded]
    ours = (
        refgrad.autograd.grad(roots, x, cotangents, create_graph=True, allow_unused=True) if roots else [None] * len(x)
    )
    try:
        theirs = torch.autograd.grad(
            [b for _, b in pairs], leaves, [torch.tensor(g) for g in gs], create_graph=True, allow_unused=True
        )
    except RuntimeError as error:
        if order == 1 or "is not implemented" not in str(error):
            raise
        return None
    return (
        [x_.new_zeros(x_.shape) if a is None else a for a, x_ in zip(ours, x, strict=True)],
        [torch.zeros_like(x_) if b is None else b for b, x_ in zip(theirs, leaves, strict=True)],
    )


def _compare(what: str, ours: list[Any], theirs: list[Any], dtype: str) -> None:
    rtol, atol = TOLERANCE[dtype]
    assert len(ours) == len(theirs), f"{what}: {len(ours)} results, {len(theirs)} expected"
    for a, b in zip(ours, theirs, strict=True):
        expected = b.detach().resolve_conj().resolve_neg().numpy(force=True)
        assert (tuple(a.shape), str(a.dtype)) == (tuple(b.shape), str(b.dtype)), what
        np.testing.assert_allclose(a.detach().numpy(), expected, rtol=rtol, atol=atol, err_msg=what)


def _transposed(function: Callable[..., Any], ours: list[Any], dtype: str) -> None:
    """<g, push(t)> = <pull(g), t>."""
    x = [a.detach() for a in ours if a.requires_grad]
    order = [a.requires_grad for a in ours]

    def of_floats(*floats: Any) -> tuple[Any, ...]:
        given = iter(floats)
        args = [next(given) if needed else a for a, needed in zip(ours, order, strict=True)]
        return tuple(y for y in _outputs(function(refgrad, *args)) if y.dtype.is_floating_point or y.dtype.is_complex)

    ts = [refgrad.tensor(t) for t in arrays([tuple(a.shape) for a in x], dtype, seed=7)]
    y, moved = refgrad.func.jvp(of_floats, tuple(x), tuple(ts))
    gs = [refgrad.tensor(_array(np.random.default_rng(8), tuple(v.shape), v.dtype.name)) for v in y]
    _, pull = refgrad.func.vjp(of_floats, *x)
    cs = pull(tuple(gs))
    left = sum(
        float((g.conj() * m).sum().real if g.dtype.is_complex else (g * m).sum())
        for g, m in zip(gs, moved, strict=True)
    )
    right = sum(
        float((c.conj() * t).sum().real if c.dtype.is_complex else (c * t).sum()) for c, t in zip(cs, ts, strict=True)
    )
    scale = 1 + sum(float(abs((g * m).detach()).sum()) for g, m in zip(gs, moved, strict=True))
    assert left == pytest.approx(right, abs=TOLERANCE[dtype][0] * scale), (
        "forward mode is not the transpose of reverse mode"
    )
