"""no_grad, enable_grad and set_grad_enabled: what is recorded inside, and what the blocks leave behind."""

from __future__ import annotations

from conformance.cases import FUNCTIONAL, IMPERATIVE, MUST, SHOULD, also, behaviour
from conformance.catalogue.assertions import raises


@behaviour(
    "grad-mode.default-enabled",
    level=MUST,
    profile=FUNCTIONAL,
    source="Autograd notes, default mode (grad mode)",
    kills=["mode-off-by-default"],
)
def default_enabled(p):
    """Recording is on by default: outside any context manager torch.is_grad_enabled() is True."""
    p.expect_mode(True)
    y = p.leaf([1.0, -2.0]) * 3
    p.expect(y.requires_grad, True)
    p.expect_mode(True)


@also("grad-mode.default-enabled")
def recorded_without_asking(p):
    """Nothing need be switched on before a computation can be differentiated."""
    x = p.leaf([1.0, -2.0])
    (g,) = p.grad((x * x).sum(), x)
    p.expect(g, [2.0, -4.0])


@behaviour(
    "grad-mode.no-grad-result-does-not-require-grad",
    level=MUST,
    profile=FUNCTIONAL,
    source="no_grad, docstring; learner examples on inference",
    kills=["no-grad-leaks"],
)
def no_grad_result_does_not_require_grad(p):
    """Inside no_grad the result of an operation has requires_grad False and grad_fn None even if an input requires
    grad.
    """
    x, w = p.leaf([1.0, -2.0]), p.leaf([[3.0, 4.0]])
    outside = x * 2
    with p.no_grad():
        for y in (x * x, w @ x, outside.sum(), x.clone(), w + outside, -w):
            p.expect(y.requires_grad, False)
            p.expect(y.grad_fn, None)
            p.expect(y.is_leaf, True)
    p.expect(outside.requires_grad, True)


@also("grad-mode.no-grad-result-does-not-require-grad")
def view_does_not_require_grad(p):
    """A view is a result like any other."""
    x = p.leaf([[1.0, -2.0], [3.0, 4.0]])
    y = x * 2
    with p.no_grad():
        for view in (x[0], y[0], x.t(), y.t()):
            p.expect(view.requires_grad, False)
            p.expect(view.grad_fn, None)


@also("grad-mode.no-grad-result-does-not-require-grad")
def no_grad_result_has_no_derivative(p):
    """A result of no_grad gives the rest of an expression its value and no derivative."""
    x, w = p.leaf([1.0, -2.0]), p.leaf([3.0, 4.0])
    with p.no_grad():
        y = x * w
    gx, gw = p.grad((y * x * w).sum(), (x, w))
    p.expect(gx, [9.0, -32.0])
    p.expect(gw, [3.0, 16.0])


@behaviour(
    "grad-mode.no-grad-keeps-input-flag",
    level=MUST,
    profile=IMPERATIVE,
    source="Learner example on no_grad",
    kills=["no-grad-clears-flag"],
)
def no_grad_keeps_input_flag(p):
    """no_grad does not change the requires_grad flag of existing tensors: it reads True for a leaf inside and after the
    block.
    """
    x, c = p.leaf([1.0, -2.0]), p.constant([3.0, 4.0])
    y = x * 2
    with p.no_grad():
        x * c + y
        for tensor, flag in ((x, True), (c, False), (y, True)):
            p.expect(tensor.requires_grad, flag)
    for tensor, flag in ((x, True), (c, False), (y, True), (x * c, True)):
        p.expect(tensor.requires_grad, flag)


@behaviour(
    "grad-mode.no-grad-backward-on-result-raises",
    level=MUST,
    profile=IMPERATIVE,
    source="Learner example on no_grad; autograd.backward, docstring",
    kills=["no-grad-leaks", "backward-on-constant-silent"],
)
def no_grad_backward_on_result_raises(p):
    """Calling backward on a tensor computed under no_grad raises RuntimeError."""
    x = p.leaf([1.0, -2.0])
    with p.no_grad():
        y = (x * x).sum()
        with p.raises("RuntimeError", "does not require grad"):
            y.backward()
    with p.raises("RuntimeError", "does not require grad"):
        y.backward()
    p.expect(x.grad, None)


@behaviour(
    "grad-mode.no-grad-value-is-constant",
    level=MUST,
    profile=FUNCTIONAL,
    source="Autograd notes, no-grad mode; func.grad, docstring, case 1",
    kills=["no-grad-leaks"],
)
def no_grad_value_is_constant(p):
    """A value computed under no_grad can be used later in grad mode and is treated as a constant: for x - no_grad(x**2)
    the derivative is 1.
    """
    for value, gradient in ((3.0, 1.0), ([3.0], [1.0]), ([[0.5, -2.0]], [[1.0, 1.0]])):
        x = p.leaf(value)
        with p.no_grad():
            c = x * x
        (x - c).sum().backward()
        p.expect(x.grad, gradient)


@also("grad-mode.no-grad-value-is-constant")
def frozen_factor(p):
    """In c·x with c = x² from no_grad, the derivative is c; a constant derived from c in grad mode stays one."""
    x = p.leaf([3.0, -0.5])
    with p.no_grad():
        c = x * x
    first, second = p.grad((c * x).sum(), x), p.grad(((2 * c + 1) * x).sum(), x)
    p.expect(first[0], [9.0, 0.25])
    p.expect(second[0], [19.0, 1.5])


@behaviour(
    "grad-mode.no-grad-restores-on-exit",
    level=MUST,
    profile=FUNCTIONAL,
    source="no_grad, docstring: a context manager",
    kills=["mode-exit-enables", "mode-lost-on-exception"],
)
def no_grad_restores_on_exit(p):
    """Leaving no_grad restores the previous mode, also when the block ends with an exception, and nesting restores
    level by level.
    """
    x = p.leaf([1.0, -2.0])
    with p.no_grad():
        with p.no_grad():
            p.expect_mode(False)
        p.expect_mode(False)
        with p.raises("RuntimeError", "does not require grad"), p.no_grad():
            x.sum().backward()
        p.expect_mode(False)
    p.expect_mode(True)
    with p.raises("RuntimeError", "does not require grad"), p.no_grad():
        x.sum().backward()
    p.expect_mode(True)


@also("grad-mode.no-grad-restores-on-exit")
def recording_comes_back_level_by_level(p):
    """After the inner of two blocks nothing is recorded yet, after the outer one everything is."""
    x = p.leaf([1.0, -2.0])
    with p.no_grad():
        with p.no_grad():
            a = x * 2
        b = x * 3
    c = x * 5
    (g,) = p.grad(((a + b + c) * x).sum(), x)
    p.expect(g, [10.0 + 5.0, -20.0 - 10.0])


@also("grad-mode.no-grad-restores-on-exit")
def any_exception_restores(torch):
    """Errors of Python, raised through several blocks at once, restore the mode as well."""
    for error in (KeyError, StopIteration, ValueError):
        with raises(error), torch.no_grad(), torch.no_grad():
            raise error
        assert torch.is_grad_enabled(), f"{error.__name__} left recording off"


@behaviour(
    "grad-mode.no-grad-does-not-stop-forward-mode",
    level=MUST,
    profile=FUNCTIONAL,
    source="no_grad, docstring, note: does not apply to forward mode",
    kills=["no-grad-stops-forward"],
)
def no_grad_does_not_stop_forward_mode(p):
    """no_grad does not switch forward-mode AD off: tangents still propagate inside it."""

    def function(x):
        with p.no_grad():
            return x * x

    for value, tangent, pushed in ((3.0, 1.0, 6.0), ([3.0, -0.5], [1.0, 4.0], [6.0, -4.0])):
        _, t = p.jvp(function, (p.constant(value),), (p.constant(tangent),))
        p.expect(t, pushed)


@behaviour(
    "grad-mode.no-grad-saves-nothing",
    level=SHOULD,
    profile=IMPERATIVE,
    source="no_grad, docstring: reduces memory; learner example on inference",
    kills=["no-grad-leaks"],
    needs=["saved-tensors"],
)
def no_grad_saves_nothing(torch):
    """Operations under no_grad save no tensors for backward."""
    saved = []

    def pack(tensor):
        saved.append(tensor)
        return tensor

    x = torch.tensor([1.0, -2.0], requires_grad=True)
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        x.exp() * x
        assert saved, "nothing was saved in grad mode, so that the count shows nothing"
        saved.clear()
        with torch.no_grad():
            x.exp() * x
    assert not saved, f"{len(saved)} tensors were saved under no_grad"
