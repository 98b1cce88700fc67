"""Tensors on the device, for tests that run on the stand-in and, where there is one, on a GPU."""

from __future__ import annotations

from typing import Any

import refgrad

_MADE = frozenset({"arange", "eye", "full", "linspace", "ones", "randn", "tensor", "zeros"})


class OnDevice:
    """refgrad's namespace, whose new tensors lie on the device."""

    __name__ = "refgrad"

    def __getattr__(self, name: str) -> Any:
        found = getattr(refgrad, name)
        return (lambda *args, **kwargs: found(*args, **{"device": "cuda", **kwargs})) if name in _MADE else found


def gradients(t: Any, call: Any, dtype: str, device: str) -> tuple[list[Any], list[Any], list[Any]]:
    """What a call of the table gives: its values, its gradients for fixed cotangents, and their second derivatives."""
    xs = [refgrad.tensor(a, device=device, requires_grad=True) for a in call.drawn(dtype)]
    found = call(t, *xs)
    ys = [y for y in (found if isinstance(found, (tuple, list)) else (found,)) if isinstance(y, refgrad.Tensor)]
    roots = [y for y in ys if y.requires_grad]
    if not roots:
        return ys, [], []
    seeds = [(refgrad.linspace(0.5, 1.5, y.numel()).reshape(y.shape)).to(y) for y in roots]
    order = call.order if "second" not in call.flags else 1
    first = refgrad.autograd.grad(roots, xs, seeds, create_graph=order > 1, allow_unused=True)
    again = [g for g in first if g is not None and g.requires_grad]
    if not again:
        return ys, list(first), []
    second = refgrad.autograd.grad([(g.real if g.is_complex() else g).sum() for g in again], xs, allow_unused=True)
    return ys, list(first), list(second)
