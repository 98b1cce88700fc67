"""Inference mode: nothing is recorded, and what is made in it is marked."""

from __future__ import annotations

from conformance.cases import FUNCTIONAL, IMPERATIVE, MUST, SHOULD, also, behaviour
from conformance.catalogue.assertions import assert_equal, in_thread, leaves, raises

_MODE = "torch.inference_mode, docstring"
_IS = "torch.is_inference, docstring"
POINTS = (3.0, [1.0, 2.0], [[0.5], [-3.0]])


@behaviour(
    "inference.result-does-not-require-grad",
    level=MUST,
    profile=FUNCTIONAL,
    source=_MODE,
    kills=["inference-mode-ignored"],
    needs=["inference-mode"],
)
def result_does_not_require_grad(p):
    """The result of an operation inside inference_mode does not require grad."""
    for value in POINTS:
        x = p.leaf(value)
        with p.inference_mode():
            y = x * x
        p.expect(y.requires_grad, False)


@also("inference.result-does-not-require-grad")
def results_are_constant(p):
    """To a gradient that is taken later the results are constants."""
    for value, ones in ((3.0, 1.0), ([1.0, 2.0], [1.0, 1.0])):
        x = p.leaf(value)
        with p.inference_mode():
            c = x * x
        (g,) = p.grad((x + c).sum(), x)
        p.expect(g, ones)


@behaviour(
    "inference.version-counter-raises",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_MODE}, example",
    kills=["inference-tensors-count", "inference-is-no-grad"],
    needs=["inference-mode"],
    depends=["version.starts-at-zero"],
)
def version_counter_raises(torch):
    """Reading _version of a tensor made in inference mode raises RuntimeError."""
    for x in leaves(torch):
        with torch.inference_mode():
            made = (x * 2, torch.ones(2))
        for y in made:
            with raises(RuntimeError, "do not track version counter"):
                assert y._version is None, "an inference tensor has a version"


@behaviour(
    "inference.is-inference-new-allocation",
    level=MUST,
    profile=IMPERATIVE,
    source=_IS,
    kills=["inference-is-no-grad"],
)
def is_inference_new_allocation(p):
    """is_inference() is True for a non-view tensor exactly when it was allocated inside inference mode."""
    for value in POINTS:
        x = p.leaf(value)
        with p.inference_mode():
            inside = x * 2
        p.expect(inside.is_inference(), True)
        p.expect(x.is_inference(), False)
        p.expect((x * 2).is_inference(), False)
        with p.no_grad():
            p.expect((x * 2).is_inference(), False)


@also("inference.is-inference-new-allocation", needs=["inference-mode"])
def factories_and_function(torch):
    """Factories count, and there is a function of the same name."""
    with torch.inference_mode():
        a, b = torch.ones(1), torch.tensor([1.0]) * 2
    assert a.is_inference()
    assert torch.is_inference(b)
    assert not torch.is_inference(torch.ones(1))


@behaviour(
    "inference.view-follows-its-base",
    level=MUST,
    profile=IMPERATIVE,
    source=_IS,
    kills=["inference-views-by-mode", "inference-is-no-grad"],
)
def view_follows_its_base(p):
    """A view is an inference tensor exactly when its base is: a view of a normal tensor taken in inference mode is
    normal, and a view of an inference tensor taken outside is an inference tensor.
    """
    normal = p.constant([[1.0, 2.0], [3.0, 4.0]])
    with p.inference_mode():
        made = normal * 1
        inside = [p.view("select", normal, dim=0, index=0), p.view("t", normal)]
    for view in inside:
        p.expect(view.is_inference(), False)
    for view in (p.view("select", made, dim=0, index=0), p.view("t", made)):
        p.expect(view.is_inference(), True)


@behaviour(
    "inference.saved-in-recorded-op-raises",
    level=MUST,
    profile=IMPERATIVE,
    source=f"Autograd mechanics, inference mode; {_MODE}",
    kills=["inference-is-no-grad"],
    depends=["inference.is-inference-new-allocation"],
)
def saved_in_recorded_op_raises(p):
    """Using an inference tensor outside inference mode in a recorded operation that must save it for backward raises
    RuntimeError.
    """
    for value in POINTS:
        c = p.constant(value)
        with p.inference_mode():
            z = c * 2
        x = p.leaf(value)
        with p.raises("RuntimeError", "cannot be saved for backward"):
            x * z


@behaviour(
    "inference.unsaved-in-recorded-op-works",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_MODE}; Autograd mechanics, inference mode",
    kills=["inference-tensors-refused"],
    discrepancy="The documentation says without restriction that inference tensors cannot be used in computations "
    "recorded by autograd; PyTorch 2.13.0 refuses only when the tensor has to be saved.",
)
def unsaved_in_recorded_op_works(p):
    """Using an inference tensor in a recorded operation that does not need to save it, such as x + z, succeeds and is
    differentiable.
    """
    for value, ones, total in ((3.0, 1.0, 9.0), ([1.0, 2.0], [1.0, 1.0], [3.0, 6.0])):
        x, c = p.leaf(value), p.constant(value)
        with p.inference_mode():
            z = c * 2
        y = x + z
        p.expect(y, total)
        y.sum().backward()
        p.expect(x.grad, ones)


@behaviour(
    "inference.clone-is-normal",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"the error of inference mode; {_IS}",
    kills=["inference-clones-stay"],
    depends=["inference.is-inference-new-allocation"],
)
def clone_is_normal(p):
    """A clone of an inference tensor made outside inference mode is a normal tensor that can be used in recorded
    computation.
    """
    for value, gradient in ((3.0, 6.0), ([1.0, 2.0], [2.0, 4.0])):
        c = p.constant(value)
        with p.inference_mode():
            z = c * 2
        normal, x = z.clone(), p.leaf(value)
        p.expect(normal.is_inference(), False)
        (x * normal).sum().backward()
        p.expect(x.grad, gradient)


@behaviour(
    "inference.decorator",
    level=MUST,
    profile=FUNCTIONAL,
    source=_MODE,
    kills=["decorator-ignored"],
    needs=["inference-mode"],
)
def decorator(torch):
    """inference_mode works as a decorator with and without parentheses."""

    @torch.inference_mode()
    def called(x):
        return x * 2

    @torch.inference_mode
    def bare(x):
        return x * 2

    for x in leaves(torch):
        for function in (called, bare):
            y = function(x)
            assert y.is_inference()
            assert not y.requires_grad
            assert_equal(y, x.detach() * 2)
    assert not torch.is_inference_mode_enabled()


@behaviour(
    "inference.mode-false-disables",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_MODE}, mode",
    kills=["inference-false-ignored"],
)
def mode_false_disables(p):
    """inference_mode(False) is a block without inference mode, also when it is nested in one: recording works inside
    it.
    """
    for value, gradient in ((3.0, 2.0), ([1.0, 2.0], [2.0, 2.0])):
        x = p.leaf(value)
        with p.inference_mode(), p.inference_mode(False):
            p.expect_mode(True)
            y = x * 2
        with p.inference_mode(False):
            z = x * 2
        for tensor in (y, z):
            p.expect(tensor.requires_grad, True)
            p.expect(tensor.is_inference(), False)
        y.sum().backward()
        p.expect(x.grad, gradient)


@behaviour(
    "inference.thread-local",
    level=MUST,
    profile=IMPERATIVE,
    source=_MODE,
    kills=["inference-global"],
    needs=["inference-mode", "threads"],
)
def thread_local(torch):
    """inference_mode affects only the thread that entered it."""
    with torch.inference_mode():
        assert torch.is_inference_mode_enabled()
        assert in_thread(torch.is_inference_mode_enabled) is False
        x = torch.ones(2)
        normal = in_thread(lambda: torch.ones(2).is_inference())
        assert x.is_inference()
        assert not normal
    in_thread(lambda: torch.inference_mode().__enter__())
    assert not torch.is_inference_mode_enabled()
