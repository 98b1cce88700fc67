"""Every misuse that the documentation names raises its class, with the words by which people search for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import refgrad

Misuse = Callable[[Any], Any]


def leaf(T: Any) -> Any:
    return T.tensor([1.0, 2.0], requires_grad=True)


def twice(T: Any) -> None:
    y = leaf(T).exp().sum()
    y.backward()
    y.backward()


def modified(T: Any) -> None:
    y = leaf(T).exp()
    y.add_(1)
    y.sum().backward()


def modified_argument(T: Any) -> None:
    y = leaf(T) * 1
    z = y * y
    y.add_(1)
    z.sum().backward()


def view_of_leaf(T: Any) -> None:
    leaf(T)[0].mul_(2)


def one_of_several_views(T: Any) -> None:
    a, _ = (leaf(T) * 1).unbind()
    a.mul_(2)


def view_made_without_grad(T: Any) -> None:
    x = leaf(T) * 1
    with T.no_grad():
        view = x[:1]
    view.mul_(2)


def inference_saved(T: Any) -> None:
    with T.inference_mode():
        c = T.ones(2)
    (leaf(T) * c).sum().backward()


def inference_backward(T: Any) -> None:
    with T.inference_mode():
        y = leaf(T).sum()
    y.backward()


def inference_modified(T: Any) -> None:
    with T.inference_mode():
        c = T.ones(2)
    c.add_(1)


def unused(T: Any) -> None:
    T.autograd.grad(leaf(T).sum(), leaf(T))


def deep_copied(T: Any) -> None:
    import copy

    copy.deepcopy(leaf(T) * 1)


def wrong_grad(T: Any) -> None:
    leaf(T).grad = T.ones(3)


def number_for_gradient(T: Any) -> None:
    T.autograd.backward([leaf(T) * 2], [2.0])


def mixed(T: Any) -> None:
    leaf(T) + T.ones(2, device="meta")


def gradient_elsewhere(T: Any) -> None:
    leaf(T).mul(2).backward(T.ones(2, device="meta"))


MISUSES: dict[str, tuple[Misuse, type[Exception], str]] = {
    "non-scalar": (lambda T: leaf(T).mul(2).backward(), RuntimeError, "grad can be implicitly created only for scalar"),
    "no history": (lambda T: T.ones(1).backward(), RuntimeError, "does not require grad and does not have a grad_fn"),
    "twice": (twice, RuntimeError, "retain_graph=True"),
    "wrong shape": (lambda T: leaf(T).mul(2).backward(T.ones(3)), RuntimeError, "Mismatch in shape"),
    "not a tensor": (number_for_gradient, TypeError, "gradients can be either Tensors or None"),
    "leaf in place": (lambda T: leaf(T).mul_(2), RuntimeError, "leaf Variable that requires grad"),
    "leaf item": (lambda T: leaf(T).__setitem__(0, 1.0), RuntimeError, "view of a leaf Variable that requires grad"),
    "view of leaf in place": (view_of_leaf, RuntimeError, "view of a leaf Variable that requires grad"),
    "modified": (modified, RuntimeError, "modified by an inplace operation"),
    "modified argument": (
        modified_argument,
        RuntimeError,
        "[torch.FloatTensor [2]], which is output 0 of Add, is at version 1",
    ),
    "several views": (one_of_several_views, RuntimeError, "output of a function that returns multiple views"),
    "no_grad view": (view_made_without_grad, RuntimeError, "view was created in no_grad mode"),
    "numpy": (lambda T: leaf(T).numpy(), RuntimeError, "Use tensor.detach().numpy() instead"),
    "integers": (lambda T: T.tensor([1]).requires_grad_(), RuntimeError, "only Tensors of floating point"),
    "integer leaf": (lambda T: T.tensor([1], requires_grad=True), RuntimeError, "Only Tensors of floating point"),
    "non-leaf flag": (lambda T: leaf(T).mul(2).requires_grad_(False), RuntimeError, "flags of leaf variables"),
    "mixed devices": (mixed, RuntimeError, "device"),
    "gradient elsewhere": (gradient_elsewhere, RuntimeError, "device"),
    "inference saved": (inference_saved, RuntimeError, "Inference tensors cannot be saved for backward"),
    "inference backward": (inference_backward, RuntimeError, "does not require grad and does not have a grad_fn"),
    "inference in place": (inference_modified, RuntimeError, "Inplace update to inference tensor"),
    "unused": (unused, RuntimeError, "appears to not have been used in the graph"),
    "constant input": (lambda T: T.autograd.grad(leaf(T).sum(), T.ones(2)), RuntimeError, "not require grad"),
    "no inputs": (lambda T: leaf(T).sum().backward(inputs=[]), RuntimeError, "cannot be empty"),
    "retain_grad": (lambda T: T.ones(2).retain_grad(), RuntimeError, "requires_grad=False"),
    "hook": (lambda T: T.ones(2).register_hook(print), RuntimeError, "doesn't require gradient"),
    "deepcopy": (deep_copied, RuntimeError, "graph leaves"),
    "grad of other shape": (wrong_grad, RuntimeError, "attempting to assign a gradient of size"),
    "grad not a tensor": (lambda T: setattr(leaf(T), "grad", 1.0), TypeError, "assigned grad expected to be a Tensor"),
    "item": (lambda T: leaf(T).item(), RuntimeError, "cannot be converted to Scalar"),
    "truth": (lambda T: bool(leaf(T)), RuntimeError, "more than one value is ambiguous"),
    "out": (lambda T: T.mul(leaf(T), 2, out=T.ones(2)), RuntimeError, "don't support automatic differentiation"),
}


@pytest.mark.parametrize("engine", ["refgrad", "torch"])
@pytest.mark.parametrize("misuse", MISUSES)
def test_misuse_raises_the_documented_class_with_its_words(misuse: str, engine: str) -> None:
    function, error, words = MISUSES[misuse]
    with pytest.raises(error) as raised:
        function(refgrad if engine == "refgrad" else pytest.importorskip("torch"))
    assert type(raised.value) is error
    assert words.lower() in str(raised.value).lower()
