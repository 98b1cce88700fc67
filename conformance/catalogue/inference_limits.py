"""What inference mode switches off besides recording, what it leaves alone, and what its tensors refuse outside."""

from __future__ import annotations

from conformance.cases import FUNCTIONAL, IMPERATIVE, MAY, MUST, SHOULD, behaviour

_MODE = "torch.inference_mode, docstring"
_NOTES = "Autograd mechanics, inference mode"
POINTS = (3.0, [1.0, 2.0], [[0.5], [-3.0]])


@behaviour(
    "inference.is-enabled-reports",
    level=MUST,
    profile=FUNCTIONAL,
    source="torch.is_inference_mode_enabled, docstring",
    kills=["inference-mode-ignored", "inference-is-no-grad"],
    needs=["inference-mode"],
)
def is_enabled_reports(torch):
    """is_inference_mode_enabled() is True inside inference_mode and False outside it and inside no_grad."""
    enabled = torch.is_inference_mode_enabled
    assert enabled() is False
    with torch.no_grad():
        assert enabled() is False
        with torch.inference_mode():
            assert enabled() is True
            with torch.enable_grad():
                assert enabled() is True
        assert enabled() is False
    assert enabled() is False


@behaviour(
    "inference.disables-forward-mode",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_MODE}, note",
    kills=["inference-is-no-grad"],
    needs=["inference-mode", "forward-mode"],
    depends=["forward.basic-jvp"],
)
def disables_forward_mode(torch):
    """Unlike no_grad, inference mode also disables forward-mode AD: inside it results carry no tangent."""
    forward = torch.autograd.forward_ad
    for dtype in (torch.float64, torch.float32):
        x, t = torch.tensor([3.0, 4.0], dtype=dtype), torch.tensor([1.0, 2.0], dtype=dtype)
        with forward.dual_level():
            dual = forward.make_dual(x, t)
            with torch.no_grad():
                assert forward.unpack_dual(dual**2).tangent is not None
            with torch.inference_mode():
                assert forward.unpack_dual(dual**2).tangent is None


@behaviour(
    "inference.does-not-call-eval",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_MODE}, warning",
    kills=["inference-calls-eval"],
    needs=["inference-mode", "nn"],
)
def does_not_call_eval(torch):
    """Entering inference mode does not change the training flag of a module."""
    for module in (torch.nn.Dropout(0.5), torch.nn.Sequential(torch.nn.Linear(1, 1), torch.nn.Dropout(0.5))):
        with torch.inference_mode():
            module(torch.ones(1))
            assert module.training
            assert all(m.training for m in module.modules())
        assert module.training


@behaviour(
    "inference.enable-grad-does-not-override",
    level=SHOULD,
    profile=IMPERATIVE,
    source=_NOTES,
    kills=["inference-is-no-grad"],
)
def enable_grad_does_not_override(p):
    """enable_grad inside inference mode does not bring recording back: the result still does not require grad."""
    for value in POINTS:
        x = p.leaf(value)
        with p.inference_mode(), p.enable_grad():
            y = x * 2
        p.expect(y.requires_grad, False)
        p.expect(y.is_inference(), True)


@behaviour(
    "inference.no-version-bump-on-normal-tensor-view-tracking",
    level=MAY,
    profile=IMPERATIVE,
    source=f"{_MODE}: disables version counter bumps",
    kills=["version-not-counted-under-no-grad"],
    discrepancy="The docstring says that inference mode disables version counter bumps; in PyTorch 2.13.0 that holds "
    "for inference tensors only, a normal tensor's counter is bumped.",
)
def version_of_normal_tensor_is_bumped(p):
    """An in-place change inside inference mode to a normal tensor still bumps its version counter, so that the
    backward of an operation that saved it raises RuntimeError.
    """
    for value in POINTS:
        y = p.leaf(value) * 1
        z = y**2
        with p.inference_mode():
            y.add_(1)
        p.expect(y.version, 1)
        with p.raises("RuntimeError", "modified by an inplace"):
            z.sum().backward()


@behaviour(
    "inference.in-place-outside-raises",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_NOTES}; RFC-0011",
    kills=["inference-is-no-grad"],
)
def in_place_outside_raises(p):
    """Changing an inference tensor in place outside inference mode raises RuntimeError; inside it is allowed."""
    for value, double, more in ((3.0, 6.0, 7.0), ([1.0, 2.0], [2.0, 4.0], [3.0, 5.0])):
        c = p.constant(value)
        with p.inference_mode():
            z, other = c * 2, c * 2
            z.add_(1)
        p.expect(z, more)
        with p.inference_mode():
            z.sub_(1)
        p.expect(z, double)
        with p.raises("RuntimeError", "inference tensor outside InferenceMode"):
            other.add_(1)


@behaviour(
    "inference.requires-grad-outside-raises",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_NOTES}; RFC-0011",
    kills=["inference-is-no-grad"],
)
def requires_grad_outside_raises(p):
    """Setting requires_grad on an inference tensor outside inference mode raises RuntimeError."""
    for value in POINTS:
        c = p.constant(value)
        with p.inference_mode():
            z = c * 2
        with p.raises("RuntimeError", "inference tensor outside InferenceMode"):
            z.requires_grad_()
        with p.raises("RuntimeError", "inference tensor outside InferenceMode"):
            z.requires_grad = True


@behaviour(
    "inference.parameters-unchanged",
    level=SHOULD,
    profile=IMPERATIVE,
    source=_MODE,
    kills=["inference-calls-eval"],
    needs=["inference-mode", "nn"],
)
def parameters_unchanged(torch):
    """After a forward pass in inference mode the model's own parameters are normal and can be trained in grad mode."""
    module = torch.nn.Linear(2, 3)
    before = [p.tolist() for p in module.parameters()]
    with torch.inference_mode():
        module(torch.ones(4, 2))
    assert module.training
    assert [p.tolist() for p in module.parameters()] == before
    module(torch.ones(4, 2)).sum().backward()
    for parameter in module.parameters():
        assert not parameter.is_inference()
        assert parameter.grad.tolist() == torch.full_like(parameter.detach(), 4.0).tolist()
