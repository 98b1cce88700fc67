"""Anomaly mode: nan in a backward pass raises, and errors name the forward operation."""

from __future__ import annotations

from conformance.cases import FUNCTIONAL, IMPERATIVE, MAY, MUST, SHOULD, also, behaviour
from conformance.catalogue.assertions import quiet, raises, warns
from conformance.catalogue.functions import function

_DETECT = "autograd.detect_anomaly, docstring"
_NAN = "nan values"


def _roots(p, value):
    """A sum that has the derivative nan at zero, since infinity is multiplied by zero."""
    x = p.leaf(value)
    return x, (x.sqrt() * 0).sum()


@behaviour(
    "anomaly.nan-raises",
    level=MUST,
    profile=FUNCTIONAL,
    source=_DETECT,
    kills=["anomaly-mode-ignored"],
)
def nan_raises(p):
    """Under detect_anomaly a backward function that produces NaN makes backward raise RuntimeError that names the
    function.
    """
    for value in (0.0, [1.0, 0.0], [[0.0], [4.0]]):
        with p.detect_anomaly():
            x = p.leaf(value)
            y = (x / (x * 0)).sum()
            for words in (_NAN, "DivBackward0"):
                with p.raises("RuntimeError", words):
                    y.backward(retain_graph=True)


@also("anomaly.nan-raises")
def grad_raises_too(p):
    for value in (0.0, [1.0, 0.0]):
        with p.detect_anomaly():
            x, y = _roots(p, value)
            with p.raises("RuntimeError", _NAN):
                p.grad(y, x)


@behaviour(
    "anomaly.off-by-default",
    level=MUST,
    profile=FUNCTIONAL,
    source=_DETECT,
    kills=["anomaly-always-on"],
)
def off_by_default(p):
    """Without anomaly mode NaN gradients are delivered without an error."""
    nan = float("nan")
    for value, gradient in ((0.0, nan), ([0.0, 4.0], [nan, 0.0])):
        x, y = _roots(p, value)
        p.expect(p.grad(y, x)[0], gradient)


@behaviour(
    "anomaly.check-nan-false",
    level=MUST,
    profile=IMPERATIVE,
    source=_DETECT,
    kills=["check-nan-ignored"],
)
def check_nan_false(p):
    """With check_nan=False NaN values do not raise."""
    nan = float("nan")
    for value, gradient in ((0.0, nan), ([0.0, 4.0], [nan, 0.0])):
        with p.detect_anomaly(check_nan=False):
            x, y = _roots(p, value)
            y.backward()
        p.expect(x.grad, gradient)


@behaviour(
    "anomaly.forward-traceback",
    level=MUST,
    profile=IMPERATIVE,
    source=_DETECT,
    kills=["anomaly-mode-ignored", "anomaly-without-traceback"],
    depends=["custom.forward-and-backward-are-used"],
)
def forward_traceback(torch):
    """When a backward function fails, a warning with the traceback of the forward call that created it is issued, and
    the original exception is raised.
    """

    def failing(ctx, g):
        raise RuntimeError("Some error in backward")

    bad = function(torch, lambda ctx, x: x.clone(), failing)

    def named_forward_call(x):
        return bad.apply(x)

    for values in (0.5, [1.0, 2.0]):
        x = torch.tensor(values, requires_grad=True)
        with warns(UserWarning, "named_forward_call"), torch.autograd.detect_anomaly():
            y = named_forward_call(x).sum()
            with raises(RuntimeError, "Some error in backward"):
                y.backward()


@behaviour(
    "anomaly.set-detect-anomaly-function-and-context",
    level=MUST,
    profile=IMPERATIVE,
    source="autograd.set_detect_anomaly, docstring",
    kills=["set-detect-anomaly-stays"],
)
def set_detect_anomaly_function_and_context(torch):
    """set_detect_anomaly works as a function, until switched off again, and as a context manager that restores the
    former state.
    """

    def run():
        x = torch.tensor([0.0], requires_grad=True)
        (x.sqrt() * 0).sum().backward()

    assert not torch.is_anomaly_enabled()
    try:
        torch.autograd.set_detect_anomaly(True)
        with raises(RuntimeError, _NAN), quiet():
            run()
        torch.autograd.set_detect_anomaly(False)
        run()
        with torch.autograd.set_detect_anomaly(True):
            assert torch.is_anomaly_enabled()
            with torch.autograd.set_detect_anomaly(False):
                assert not torch.is_anomaly_enabled()
            assert torch.is_anomaly_enabled()
        assert not torch.is_anomaly_enabled()
    finally:
        torch.autograd.set_detect_anomaly(False)


@behaviour(
    "anomaly.inf-is-not-nan",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_DETECT}: nan only",
    kills=["anomaly-refuses-inf"],
)
def inf_is_not_nan(p):
    """Infinite gradients do not raise in anomaly mode."""
    inf = float("inf")
    for value, gradient in ((0.0, inf), ([0.0, 4.0], [inf, 0.25])):
        with p.detect_anomaly():
            x = p.leaf(value)
            x.sqrt().sum().backward()
        p.expect(x.grad, gradient)


@behaviour(
    "anomaly.warns-on-entry",
    level=MAY,
    profile=IMPERATIVE,
    source=f"{_DETECT}: for debugging only",
    kills=["anomaly-silent"],
)
def warns_on_entry(p):
    """Entering detect_anomaly issues a UserWarning."""
    for check_nan in (True, False):
        with p.warns("UserWarning", "Anomaly Detection"), p.detect_anomaly(check_nan=check_nan):
            p.leaf(1.0)
