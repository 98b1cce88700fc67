"""grad_dtype, and gradients of tensors whose dtype is chosen by a context or a container."""

from __future__ import annotations

from conformance.cases import IMPERATIVE, MAY, MUST, SHOULD, behaviour
from conformance.catalogue.assertions import assert_equal, raises

_GRAD_DTYPE = "PyTorch documentation, torch.Tensor.grad_dtype"


@behaviour(
    "dtype.grad-dtype-attribute",
    level=MUST,
    profile=IMPERATIVE,
    source=_GRAD_DTYPE,
    kills=["grad-dtype-ignored"],
)
def grad_dtype_attribute(torch):
    """grad_dtype of a leaf is its own dtype by default and can be set; incoming gradients are then cast to it and
    stored so.
    """
    for own, other in ((torch.float32, torch.float16), (torch.float64, torch.float32), (torch.float32, torch.float64)):
        x = torch.tensor([1.0, 2.0], dtype=own, requires_grad=True)
        assert x.grad_dtype == own, f"the grad_dtype of a {own} leaf is {x.grad_dtype}"
        x.grad_dtype = other
        assert x.grad_dtype == other, f"grad_dtype reads {x.grad_dtype} after it was set to {other}"
        for times in (1.0, 2.0):
            (x * 2).sum().backward()
            assert x.grad.dtype == other, f"the gradient is stored as {x.grad.dtype}"
            assert_equal(x.grad, [2 * times, 2 * times], ".grad")


@behaviour(
    "dtype.grad-dtype-none-allows-any",
    level=MUST,
    profile=IMPERATIVE,
    source=_GRAD_DTYPE,
    kills=["grad-dtype-ignored"],
    depends=["dtype.grad-dtype-attribute"],
)
def grad_dtype_none_allows_any(torch):
    """With grad_dtype None gradients of any dtype are accepted: assigning a float16 .grad to a float32 leaf works, and
    raises RuntimeError by default.
    """
    for dtype in (torch.float16, torch.float64):
        x = torch.tensor([1.0], requires_grad=True)
        with raises(RuntimeError, "grad_dtype"):
            x.grad = torch.ones(1, dtype=dtype)
        x.grad_dtype = None
        x.grad = torch.ones(1, dtype=dtype)
        assert x.grad.dtype == dtype, f"the assigned gradient reads as {x.grad.dtype}"


@behaviour(
    "dtype.grad-dtype-leaf-only", level=MUST, profile=IMPERATIVE, source=_GRAD_DTYPE, kills=["grad-dtype-of-any-tensor"]
)
def grad_dtype_leaf_only(torch):
    """Reading or setting grad_dtype of a non-leaf raises RuntimeError."""
    x = torch.tensor([1.0], requires_grad=True)
    for y in (x * 2, x[0], x.exp()):
        with raises(RuntimeError, "leaf"):
            y.grad_dtype
        with raises(RuntimeError, "leaf"):
            y.grad_dtype = torch.float16


@behaviour(
    "dtype.autocast-backward-dtype",
    level=SHOULD,
    profile=IMPERATIVE,
    source="PyTorch documentation, torch.autocast",
    needs=["autocast"],
)
def autocast_backward_dtype(torch):
    """Under autocast a matmul of float32 operands runs in bfloat16, while backward (outside autocast) gives float32
    gradients to float32 leaves.
    """
    a = torch.tensor([[1.0, 2.0], [3.0, -4.0]], requires_grad=True)
    b = torch.tensor([[0.5, 1.0], [-1.0, 2.0]], requires_grad=True)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        y = a @ b
    assert y.dtype == torch.bfloat16, f"the product under autocast is {y.dtype}"
    y.float().sum().backward()
    assert a.grad.dtype == b.grad.dtype == torch.float32, "the gradients of float32 leaves are not float32"
    assert_equal(a.grad, [[1.5, 1.0], [1.5, 1.0]], "the gradient of the first factor")


@behaviour(
    "dtype.nested-tensor-history",
    level=MAY,
    profile=IMPERATIVE,
    source="PyTorch documentation, torch.nested.as_nested_tensor and torch.nested.nested_tensor",
    needs=["nested"],
)
def nested_tensor_history(torch):
    """torch.nested.as_nested_tensor keeps the autograd history of its parts, while torch.nested.nested_tensor makes a
    leaf without history.
    """
    a = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    b = torch.tensor([3.0], dtype=torch.float64, requires_grad=True)
    kept = torch.nested.as_nested_tensor([a * 1, b], layout=torch.jagged)
    assert kept.requires_grad, "as_nested_tensor cut the history of its parts"
    new = torch.nested.nested_tensor([a * 1, b], layout=torch.jagged)
    assert not new.requires_grad, "nested_tensor kept the history of its parts"
    assert new.is_leaf, "nested_tensor did not make a leaf"
