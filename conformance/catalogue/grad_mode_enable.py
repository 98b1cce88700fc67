"""Switching recording on and off: enable_grad, set_grad_enabled, decorators, and asking for the mode."""

from __future__ import annotations

from conformance.cases import FUNCTIONAL, IMPERATIVE, MAY, MUST, also, behaviour


@behaviour(
    "grad-mode.enable-grad-inside-no-grad",
    level=MUST,
    profile=FUNCTIONAL,
    source="enable_grad, docstring",
    kills=["enable-grad-ignored", "mode-exit-enables"],
)
def enable_grad_inside_no_grad(p):
    """enable_grad inside no_grad turns recording on again, so that backward through the inner result works."""
    x = p.leaf([1.0, -2.0])
    with p.no_grad():
        with p.enable_grad():
            p.expect_mode(True)
            y = (x * x).sum()
        p.expect_mode(False)
        p.expect((x * 2).requires_grad, False)
    p.expect(y.requires_grad, True)
    y.backward()
    p.expect(x.grad, [2.0, -4.0])


@also("grad-mode.enable-grad-inside-no-grad")
def island_of_recording(p):
    """Only what was computed inside enable_grad has a derivative, not what stands around it."""
    x = p.leaf([1.0, -2.0])
    with p.no_grad():
        a = x * 2
        with p.enable_grad():
            b = x * 3
        c = x * 5
    (g,) = p.grad((a + b + c + x).sum(), x)
    p.expect(g, [4.0, 4.0])


@behaviour(
    "grad-mode.set-grad-enabled-context",
    level=MUST,
    profile=FUNCTIONAL,
    source="set_grad_enabled, docstring, as a context manager",
    kills=["set-grad-enabled-ignores-flag"],
)
def set_grad_enabled_context(p):
    """set_grad_enabled(flag) as a context manager records or does not record according to the flag and restores the
    mode at the end.
    """
    x = p.leaf([1.0, -2.0])
    with p.set_grad_enabled(False):
        p.expect((x * 2).requires_grad, False)
        with p.set_grad_enabled(True):
            p.expect((x * 2).requires_grad, True)
        p.expect_mode(False)
    p.expect_mode(True)
    with p.no_grad():
        with p.set_grad_enabled(True):
            p.expect_mode(True)
        p.expect_mode(False)


@also("grad-mode.set-grad-enabled-context")
def flag_decides_what_is_differentiated(p):
    """Of factors computed under False and under True only the second has a derivative."""
    x = p.leaf([1.0, -2.0])
    with p.set_grad_enabled(False):
        a = x * 2
    with p.no_grad(), p.set_grad_enabled(True):
        b = x * 3
    (g,) = p.grad((a * b).sum(), x)
    p.expect(g, [6.0, -12.0])


@behaviour(
    "grad-mode.set-grad-enabled-function",
    level=MUST,
    profile=IMPERATIVE,
    source="set_grad_enabled, docstring, as a function",
    kills=["set-grad-enabled-ignores-flag"],
)
def set_grad_enabled_function(torch):
    """Called as a plain function, set_grad_enabled switches the mode at once and until it is called again."""
    x = torch.tensor([1.0, -2.0], requires_grad=True)
    try:
        for flag in (False, True, False, False, True):
            torch.set_grad_enabled(flag)
            assert torch.is_grad_enabled() is flag, f"after set_grad_enabled({flag}) the mode is {not flag}"
            assert (x * 2).requires_grad is flag, f"after set_grad_enabled({flag}) a result has the other flag"
            assert torch.is_grad_enabled() is flag, f"an operation ended set_grad_enabled({flag})"
    finally:
        torch.set_grad_enabled(True)
    assert x.requires_grad, "switching the mode cleared requires_grad of a leaf"


@behaviour(
    "grad-mode.is-grad-enabled-reports",
    level=MUST,
    profile=FUNCTIONAL,
    source="is_grad_enabled, docstring",
    kills=["no-grad-leaks", "set-grad-enabled-ignores-flag"],
)
def is_grad_enabled_reports(p):
    """is_grad_enabled() returns True in grad mode and False inside no_grad and inside inference_mode."""
    p.expect_mode(True)
    with p.no_grad():
        p.expect_mode(False)
        with p.enable_grad():
            p.expect_mode(True)
        p.expect_mode(False)
    with p.set_grad_enabled(False):
        p.expect_mode(False)
    p.expect_mode(True)


@also("grad-mode.is-grad-enabled-reports")
def mode_shows_in_derivatives(p):
    """What would be reported shows: the same expression is a constant inside no_grad and none outside."""
    x = p.leaf([1.0, -2.0])
    with p.no_grad():
        inside = x * x
    outside = x * x
    g, h = p.grad((inside + x).sum(), x), p.grad((outside + x).sum(), x)
    p.expect(g[0], [1.0, 1.0])
    p.expect(h[0], [3.0, -3.0])


@also("grad-mode.is-grad-enabled-reports", needs=["inference-mode"])
def inference_mode_reports_off(torch):
    """Inference mode reports False, and inference_mode(False) True, and both restore what was before."""
    with torch.inference_mode():
        assert not torch.is_grad_enabled(), "is_grad_enabled() is True inside inference_mode"
        with torch.inference_mode(mode=False):
            assert torch.is_grad_enabled(), "is_grad_enabled() is False inside inference_mode(False)"
        assert not torch.is_grad_enabled(), "inference_mode(False) did not restore the mode"
    assert torch.is_grad_enabled(), "inference_mode left recording off"


@behaviour(
    "grad-mode.no-grad-decorator",
    level=MUST,
    profile=FUNCTIONAL,
    source="no_grad, docstring: also functions as a decorator",
    kills=["decorator-ignored"],
)
def no_grad_decorator(torch):
    """no_grad works as a decorator with and without parentheses, and the decorated function's results do not require
    grad.
    """

    def double(x, *, scale=2):
        """Twice the argument."""
        assert not torch.is_grad_enabled(), "the decorated function runs with recording on"
        return x * scale

    x = torch.tensor([1.0, -2.0], requires_grad=True)
    for decorated in (torch.no_grad()(double), torch.no_grad(double)):
        for y in (decorated(x), decorated(x, scale=2)):
            assert y.tolist() == [2.0, -4.0], f"the decorated function gave {y.tolist()}"
            assert not y.requires_grad, "the result of the decorated function requires grad"
        assert torch.is_grad_enabled(), "the decorated function left recording off"
        assert decorated.__name__ == "double", f"the decorated function is called {decorated.__name__}"


@also("grad-mode.no-grad-decorator")
def decorated_function_is_constant(p):
    """A function that runs under no_grad on each call is a constant to differentiation, on each call."""

    @p.no_grad()
    def square(x):
        return x * x

    x = p.leaf([1.0, -2.0])
    (g,) = p.grad((square(x) * x + square(x + 1)).sum(), x)
    p.expect(g, [1.0, 4.0])


@behaviour(
    "grad-mode.enable-grad-decorator",
    level=MUST,
    profile=FUNCTIONAL,
    source="enable_grad, docstring: also functions as a decorator",
    kills=["decorator-ignored", "enable-grad-ignored"],
)
def enable_grad_decorator(torch):
    """A function decorated with enable_grad records its operations even if it is called under no_grad."""

    def square(x):
        return x * x

    for decorated in (torch.enable_grad()(square), torch.enable_grad(square)):
        x = torch.tensor([1.0, -2.0], requires_grad=True)
        with torch.no_grad():
            y = decorated(x)
            assert not torch.is_grad_enabled(), "the decorated function left recording on"
        assert y.requires_grad, "the decorated function did not record"
        y.sum().backward()
        assert x.grad.tolist() == [2.0, -4.0], f"through the decorated function the gradient is {x.grad.tolist()}"


@also("grad-mode.enable-grad-decorator")
def decorated_function_is_differentiated(p):
    """A function that runs under enable_grad is differentiated where the expression around it is not."""

    @p.enable_grad()
    def square(x):
        return x * x

    x = p.leaf([1.0, -2.0])
    with p.no_grad():
        y, c = square(x), x * x
    (g,) = p.grad((y + c + x).sum(), x)
    p.expect(g, [3.0, -3.0])


@behaviour(
    "grad-mode.decorator-on-generator",
    level=MAY,
    profile=IMPERATIVE,
    source="no_grad, docstring, decorator",
    kills=["decorator-ignored"],
)
def decorator_on_generator(torch):
    """A generator function decorated with no_grad runs each of its steps without recording, while the consumer's own
    mode stays as it was.
    """

    @torch.no_grad()
    def multiples(x):
        for k in range(3):
            yield x * k

    x = torch.tensor([1.0, -2.0], requires_grad=True)
    for k, y in enumerate(multiples(x)):
        assert not y.requires_grad, f"step {k} was recorded"
        assert torch.is_grad_enabled(), f"after step {k} the consumer no longer records"
        assert (x * 2).requires_grad, f"an operation of the consumer after step {k} was not recorded"
