"""gradcheck and gradgradcheck: what they accept, what they reject, and how they say so."""

from __future__ import annotations

import sys
import warnings

from conformance.cases import FUNCTIONAL, MUST, SHOULD, behaviour
from conformance.catalogue.assertions import raises

_PAGE = "PyTorch documentation, torch.autograd.gradcheck"
_NEEDS = ("gradcheck",)


def _leaf(torch, values, dtype=None):
    return torch.tensor(values, dtype=dtype or torch.float64, requires_grad=True)


def _error(torch):
    """GradcheckError, from the module of the function: in torch.autograd the module's name is the function's."""
    return sys.modules[torch.autograd.gradcheck.__module__].GradcheckError


def _doubled(torch, *, factor):
    """x -> 2 x, whose backward multiplies by `factor`."""

    class Doubled(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g * factor

    return Doubled


@behaviour(
    "gradcheck.passes-and-returns-true",
    level=MUST,
    profile=FUNCTIONAL,
    source=_PAGE,
    kills=["gradcheck-returns-none"],
    needs=_NEEDS,
)
def passes_and_returns_true(torch):
    """gradcheck returns True when analytical and numerical gradients of float64 inputs agree."""
    for function, inputs in (
        (lambda x, y: (x * y).sin(), (_leaf(torch, [0.3, 0.5]), _leaf(torch, [1.0, 2.0]))),
        (lambda x: x.exp().sum(), _leaf(torch, [[0.1, -0.4], [1.0, 0.0]])),
        (lambda x: x**3, _leaf(torch, 1.5)),
        (_doubled(torch, factor=2).apply, _leaf(torch, [1.0])),
    ):
        assert torch.autograd.gradcheck(function, inputs) is True, "gradcheck does not return True for a right gradient"


@behaviour(
    "gradcheck.wrong-backward-raises",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_PAGE}, raise_exception",
    kills=["gradcheck-accepts-all"],
    needs=_NEEDS,
)
def wrong_backward_raises(torch):
    """A wrong backward makes gradcheck raise GradcheckError, or return False with raise_exception=False."""
    check, error = torch.autograd.gradcheck, _error(torch)
    for factor in (3, 0, -2, 2.01):
        wrong = _doubled(torch, factor=factor).apply
        for values in ([1.1], [[0.5, -2.0]]):
            with raises(error, "Jacobian mismatch"):
                check(wrong, _leaf(torch, values))
            assert check(wrong, _leaf(torch, values), raise_exception=False) is False, "a wrong gradient is not False"


@behaviour(
    "gradcheck.needs-an-input-with-grad",
    level=MUST,
    profile=FUNCTIONAL,
    source=_PAGE,
    kills=["gradcheck-accepts-all"],
    needs=_NEEDS,
)
def needs_an_input_with_grad(torch):
    """gradcheck with no input that requires grad raises ValueError, even with raise_exception=False."""
    for options in ({}, {"raise_exception": False}):
        for inputs in (torch.tensor([1.0]), (torch.tensor([1.0]), 3)):
            with raises(ValueError, "at least one input"):
                torch.autograd.gradcheck(lambda x, *_: x * 2, inputs, **options)


@behaviour(
    "gradcheck.checks-only-inputs-with-grad",
    level=MUST,
    profile=FUNCTIONAL,
    source=_PAGE,
    kills=["gradcheck-checks-constants"],
    needs=_NEEDS,
)
def checks_only_inputs_with_grad(torch):
    """Only floating or complex inputs that require grad are checked; others are passed through."""
    constant = torch.tensor([2.0], dtype=torch.float64)
    seen = []

    def product(x, c, k):
        seen.append((c is constant, k))
        return x * c.detach() * k  # detached: a check of c would find a wrong gradient

    assert torch.autograd.gradcheck(product, (_leaf(torch, [1.0]), constant, 3)), (
        "constants beside the input are checked"
    )
    assert set(seen) == {(True, 3)}, f"the constants were not passed through: {set(seen)}"
    assert not constant.requires_grad, "a constant requires grad after the check"


@behaviour("gradcheck.single-precision-warns", level=SHOULD, profile=FUNCTIONAL, source=f"{_PAGE}, note", needs=_NEEDS)
def single_precision_warns(torch):
    """A float32 input issues a UserWarning, and the check will likely fail with the default tolerances."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        passed = torch.autograd.gradcheck(lambda x: x**2, _leaf(torch, [1.1], torch.float32), raise_exception=False)
    found = [str(w.message) for w in caught if issubclass(w.category, UserWarning)]
    assert any("double precision" in message for message in found), f"no warning about the precision, but {found}"
    assert not passed, "differences of 1e-6 in single precision agree with the gradient"


@behaviour("gradcheck.fails-at-kinks", level=SHOULD, profile=FUNCTIONAL, source=f"{_PAGE}, note", needs=_NEEDS)
def fails_at_kinks(torch):
    """At a non-differentiable point gradcheck may fail although the gradient follows the convention: relu at 0 raises
    GradcheckError.
    """
    with raises(_error(torch), "Jacobian mismatch"):
        torch.autograd.gradcheck(torch.relu, _leaf(torch, [0.0]))
    assert torch.autograd.gradcheck(torch.relu, _leaf(torch, [1.0, -1.0])), "gradcheck of relu fails beside its kink"


@behaviour(
    "gradcheck.overlapping-memory-rejected",
    level=SHOULD,
    profile=FUNCTIONAL,
    source=f"{_PAGE}, warning",
    discrepancy="The docstring only says that the check will likely fail; torch rejects a stride-0 input with "
    "RuntimeError before checking, even with raise_exception=False.",
    needs=_NEEDS,
)
def overlapping_memory_rejected(torch):
    """An input with overlapping memory, such as an expanded one, raises RuntimeError."""
    for options in ({}, {"raise_exception": False}):
        x = torch.tensor([1.1], dtype=torch.float64).expand(3).requires_grad_()
        with raises(RuntimeError, "stride 0"):
            torch.autograd.gradcheck(lambda x: x**2, x, **options)


@behaviour(
    "gradcheck.tuple-outputs",
    level=SHOULD,
    profile=FUNCTIONAL,
    source=_PAGE,
    needs=_NEEDS,
    depends=["gradcheck.wrong-backward-raises"],
)
def tuple_outputs(torch):
    """A function may return a tuple of tensors; all outputs are checked."""
    x = _leaf(torch, [0.3, 0.9])
    assert torch.autograd.gradcheck(lambda x: (x.sin(), x.cos() * x), x), "a tuple of right outputs is refused"
    wrong = _doubled(torch, factor=3).apply
    for function in (lambda x: (x.sin(), wrong(x)), lambda x: (wrong(x), x.sin())):
        with raises(_error(torch), "mismatch"):
            torch.autograd.gradcheck(function, x)
