"""Modes that see every operator, and checkpoints that keep the results of some."""

from __future__ import annotations

import functools
from typing import Any

import pytest

import refgrad
from refgrad.utils._python_dispatch import TorchDispatchMode
from refgrad.utils.checkpoint import CheckpointPolicy, checkpoint, create_selective_checkpoint_contexts

aten = refgrad.ops.aten


class Seen(TorchDispatchMode):
    """Notes the operators."""

    def __init__(self) -> None:
        self.names: list[Any] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.names.append(func)
        return func(*args, **(kwargs or {}))


class Doubled(TorchDispatchMode):
    """Gives twice every sine."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        y = func(*args, **(kwargs or {}))
        return y * 2 if func is aten.sin.default else y


def leaf() -> Any:
    return refgrad.tensor([[0.5, 1.0], [1.5, 2.0]], dtype=refgrad.float64, requires_grad=True)


def test_a_mode_sees_forward_and_backward_operators_and_changes_no_gradient() -> None:
    x, seen = leaf(), Seen()
    with seen:
        y = (x @ x).sin().sum()
        y.backward()
    assert seen.names[:3] == [aten.mm.default, aten.sin.default, aten.sum.default]
    assert aten.cos.default in seen.names
    z = leaf()
    (z @ z).sin().sum().backward()
    assert x.grad.tolist() == z.grad.tolist()
    assert y.grad_fn.name() == "SumBackward0"


def test_what_a_mode_returns_is_the_result_with_the_history_of_the_operator() -> None:
    x = leaf()
    with Doubled():
        y = x.sin()
    assert y.tolist() == (2 * x.sin()).tolist()
    assert y.grad_fn.name() == "SinBackward0"


def test_the_inner_mode_comes_first_and_overloads_can_be_called() -> None:
    outer, inner = Seen(), Seen()
    with outer, inner:
        leaf().exp()
    assert inner.names == outer.names == [aten.exp.default]
    assert aten.mul.Tensor is aten.mul.default
    assert aten.mul.Tensor(refgrad.ones(2), 3).tolist() == [3, 3]


def _times(keep: Any) -> tuple[list[Any], int]:
    """The gradient through a checkpoint, and how many matrix products its backward took."""

    def compute(x: Any) -> Any:
        return (x @ x).sigmoid() @ x

    x = leaf()
    options = {} if keep is None else {"context_fn": functools.partial(create_selective_checkpoint_contexts, keep)}
    y = checkpoint(compute, x, use_reentrant=False, **options).sum()
    seen = Seen()
    with seen:
        y.backward()
    return x.grad.tolist(), seen.names.count(aten.mm.default)


def test_a_selective_checkpoint_does_not_compute_again_what_it_keeps() -> None:
    def policy(ctx: Any, op: Any, *args: Any, **kwargs: Any) -> CheckpointPolicy:
        return CheckpointPolicy.MUST_SAVE if op is aten.mm.default else CheckpointPolicy.PREFER_RECOMPUTE

    plain, by_list, by_policy = _times(None), _times([aten.mm.default]), _times(policy)
    assert by_list == by_policy
    assert by_list[0] == plain[0]
    assert by_list[1] == plain[1] - 2


def test_a_selective_checkpoint_refuses_what_it_cannot_do() -> None:
    with pytest.raises(ValueError, match="OpOverload"):
        create_selective_checkpoint_contexts(["mm"])
    with pytest.raises(TypeError, match="function or a list"):
        create_selective_checkpoint_contexts(3)
    contexts = functools.partial(create_selective_checkpoint_contexts, [aten.exp.default])
    x = leaf()
    y = checkpoint(lambda x: x.exp().sin(), x, use_reentrant=False, context_fn=contexts).sum()
    y.backward(retain_graph=True)
    with pytest.raises(RuntimeError, match="backward an extra time"):
        y.backward()
    kept = []

    def spoiled(x: Any) -> Any:
        kept.append(x.exp())
        return kept[-1].sin()

    y = checkpoint(spoiled, leaf(), use_reentrant=False, context_fn=contexts).sum()
    with refgrad.no_grad():
        kept[0].add_(1)
    with pytest.raises(RuntimeError, match="has been mutated"):
        y.backward()
