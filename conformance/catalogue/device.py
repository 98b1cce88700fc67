"""Where gradients live, and what happens when tensors of two devices meet."""

from __future__ import annotations

from conformance.cases import FUNCTIONAL, IMPERATIVE, MUST, SHOULD, behaviour
from conformance.catalogue.assertions import assert_close, assert_equal, raises

_ATTRIBUTES = "PyTorch documentation, tensor attributes, torch.device"
_GRAD = "PyTorch documentation, torch.Tensor.grad"


def _leaf(torch, values):
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


@behaviour(
    "device.grad-on-leaf-device",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_GRAD}; {_ATTRIBUTES}",
    kills=["grad-on-cpu"],
    needs=["devices"],
)
def grad_on_leaf_device(torch):
    """.grad is on the device of its leaf; a leaf on the meta device gets a meta gradient of its shape."""
    for values in ([1.0], [[1.0, 2.0], [3.0, 4.0]], 2.0):
        x = _leaf(torch, values)
        (x * 2).sum().backward()
        assert x.grad.device == x.device, f"the gradient of a leaf on {x.device} is on {x.grad.device}"
    for shape in ((2, 3), (), (4,)):
        m = torch.ones(shape, device="meta", requires_grad=True)
        (m * 2).sum().backward()
        assert m.grad.device.type == "meta", f"the gradient of a meta leaf is on {m.grad.device}"
        assert tuple(m.grad.shape) == shape, f"the gradient of a meta leaf has shape {tuple(m.grad.shape)}"


@behaviour(
    "device.mixed-devices-raise",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_ATTRIBUTES}, note",
    kills=["devices-mix"],
    needs=["devices"],
)
def mixed_devices_raise(torch):
    """An operation on non-scalar tensors of different devices raises RuntimeError: tensors are never moved by
    themselves.
    """
    here, there = torch.ones(2), torch.ones(2, device="meta")
    for operate in (lambda a, b: a + b, lambda a, b: a * b, lambda a, b: torch.dot(a, b)):
        for first, second in ((here, there), (there, here)):
            with raises(RuntimeError, "device"):
                operate(first, second)


@behaviour(
    "device.assigned-grad-on-other-device-raises", level=SHOULD, profile=IMPERATIVE, source=_GRAD, needs=["devices"]
)
def assigned_grad_on_other_device_raises(torch):
    """Assigning to .grad a tensor on another device than the leaf raises RuntimeError."""
    for values in ([1.0], [[1.0, 2.0]]):
        x = _leaf(torch, values)
        with raises(RuntimeError, "device"):
            x.grad = torch.ones(x.shape, dtype=torch.float64, device="meta")
        assert x.grad is None, "a refused gradient was assigned"


@behaviour(
    "device.gradient-argument-on-other-device-raises",
    level=SHOULD,
    profile=IMPERATIVE,
    source="PyTorch documentation, torch.Tensor.backward",
    needs=["devices"],
)
def gradient_argument_on_other_device_raises(torch):
    """A gradient argument on another device than the root raises RuntimeError."""
    x = _leaf(torch, [1.0, 2.0])
    with raises(RuntimeError, "device"):
        (x * 2).backward(torch.ones(2, dtype=torch.float64, device="meta"))
    assert x.grad is None, "a refused backward left a gradient"


@behaviour(
    "device.copy-is-recorded",
    level=MUST,
    profile=IMPERATIVE,
    source="PyTorch documentation, torch.Tensor.is_leaf, example b",
    kills=["device-copy-detaches"],
    needs=["devices"],
)
def copy_is_recorded(torch):
    """Moving a leaf that requires grad to another device is a recorded operation: the copy is a non-leaf that requires
    grad.
    """
    for values in ([1.0], [[1.0, 2.0]], 3.0):
        y = _leaf(torch, values).to("meta")
        assert y.device.type == "meta", f"the copy is on {y.device}"
        assert y.requires_grad, "the copy does not require grad"
        assert not y.is_leaf, "the copy is a leaf"
        assert y.grad_fn is not None, "the copy has no grad_fn"


@behaviour(
    "device.cuda-round-trip",
    level=MUST,
    profile=IMPERATIVE,
    source="PyTorch documentation, torch.Tensor.is_leaf and torch.Tensor.to",
    kills=["device-copy-detaches"],
    needs=["cuda"],
)
def cuda_round_trip(torch):
    """The gradient of a computation that moves a CPU leaf to a CUDA device comes back to the CPU leaf. (Needs CUDA: not
    verified on this CPU-only build.)
    """
    for values in ([2.0], [[1.0, -3.0]]):
        x = _leaf(torch, values)
        y = x.cuda()
        assert not y.is_leaf, "the copy on the device is a leaf"
        (y * 3).sum().backward()
        assert x.grad.device.type == "cpu", f"the gradient of a CPU leaf is on {x.grad.device}"
        assert_equal(x.grad, (x.detach() * 0 + 3).tolist(), "the gradient of the CPU leaf")


@behaviour(
    "device.cuda-scalar-auto-transfer",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_ATTRIBUTES}, note",
    kills=["devices-mix"],
    needs=["cuda"],
)
def cuda_scalar_auto_transfer(torch):
    """A 0-dimensional CPU tensor may be combined with a CUDA tensor, and its gradient is a CPU scalar; a CUDA scalar
    with a CPU vector raises RuntimeError. (Needs CUDA: not verified.)
    """
    s = _leaf(torch, 2.0)
    x = torch.ones(3, device="cuda", dtype=torch.float64)
    (s * x).sum().backward()
    assert s.grad.device.type == "cpu", f"the gradient of a CPU scalar is on {s.grad.device}"
    assert_equal(s.grad, 3.0, "the gradient of the CPU scalar")
    with raises(RuntimeError, "device"):
        torch.ones(1) + torch.ones((), device="cuda")


@behaviour(
    "device.cuda-save-on-cpu",
    level=SHOULD,
    profile=IMPERATIVE,
    source="PyTorch documentation, torch.autograd.graph.save_on_cpu",
    needs=["cuda"],
)
def cuda_save_on_cpu(torch):
    """save_on_cpu moves saved CUDA tensors to the CPU and back for backward with the same gradients. (Needs CUDA: not
    verified.)
    """
    a = torch.tensor([0.5, -1.0, 2.0], device="cuda", dtype=torch.float64, requires_grad=True)
    with torch.autograd.graph.save_on_cpu():
        y = a.exp()
    y.sum().backward()
    assert a.grad.device.type == "cuda", f"the gradient of a CUDA leaf is on {a.grad.device}"
    assert_close(a.grad.cpu(), a.detach().exp().cpu(), "the gradient through tensors saved on the CPU")


@behaviour(
    "device.cuda-backward-stream-semantics",
    level=SHOULD,
    profile=IMPERATIVE,
    source="PyTorch documentation, CUDA notes, stream semantics of backward passes",
    needs=["cuda"],
)
def cuda_backward_stream_semantics(torch):
    """Each backward operation runs on the stream of its forward operation, and backward as a whole is ordered with the
    surrounding stream like any other operation. (Needs CUDA: not verified.)
    """
    x = torch.ones(1000, device="cuda", requires_grad=True)
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        y = (x * 2).sum()
        y.backward()
        g = x.grad.clone()
    torch.cuda.current_stream().wait_stream(stream)
    assert (g == 2).all().item(), "a gradient read on the stream of its backward is not there yet"
