"""A backward pass that fails leaves every gradient as it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import refgrad
from refgrad.autograd import Function


class Failing(Function):
    """The identity, with a backward that fails."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        return x * 1

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        raise KeyError("backward")


class OfWrongShape(Function):
    """The identity, with a backward that gives three elements."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        return x * 1

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return refgrad.ones(3)


def _with_failing_hook(x: Any) -> Any:
    def fail(g: Any) -> None:
        raise KeyError("hook")

    y = x * 1
    y.register_hook(fail)
    return y


def _with_modified_value(x: Any) -> Any:
    y = x.exp()
    z = y * 1
    with refgrad.no_grad():
        y.add_(1)
    return z


def _freed(x: Any) -> Any:
    y = x.sin()
    y.sum().backward()
    x.grad = None
    return y


WAYS: dict[str, tuple[Callable[[Any], Any], type[Exception]]] = {
    "a hook raises": (_with_failing_hook, KeyError),
    "a custom backward raises": (Failing.apply, KeyError),
    "a custom backward gives a wrong shape": (OfWrongShape.apply, RuntimeError),
    "a saved value was modified": (_with_modified_value, RuntimeError),
    "the graph was freed": (_freed, RuntimeError),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("before", ["no gradient", "a gradient"])
def test_a_failed_backward_leaves_gradients_as_they_were(way: str, before: str) -> None:
    spoil, error = WAYS[way]
    early, late = (refgrad.tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
    spoiled = spoil(early)
    middle = late * 2
    middle.retain_grad()
    leaves = [early, late]
    if before == "a gradient":
        for x in leaves:
            x.grad = refgrad.tensor([5.0, 6.0])
    kept = [x.grad for x in leaves]
    with pytest.raises(error):
        (spoiled * middle).sum().backward()  # `late` and `middle` get theirs before the failure
    assert all(x.grad is g for x, g in zip(leaves, kept, strict=True))
    assert all(g is None or g.tolist() == [5.0, 6.0] for g in (x.grad for x in leaves))
    assert middle.grad is None
