"""The options of gradcheck: modes, batches, tolerances for noise, undefined gradients."""

from __future__ import annotations

import sys

from conformance.cases import FUNCTIONAL, MUST, SHOULD, behaviour
from conformance.catalogue.assertions import quiet, raises

_PAGE = "PyTorch documentation, torch.autograd.gradcheck"
_NOTES = "PyTorch documentation, gradcheck notes"
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


def _with_jvp(torch, *, factor, reverse=True):
    """x -> 2 x with a forward rule that multiplies by `factor`, with or without a reverse one."""

    class Doubled(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def jvp(ctx, t):
            return t * factor

        if reverse:

            @staticmethod
            def backward(ctx, g):
                return g * 2

    return Doubled.apply


@behaviour(
    "gradcheck.fast-mode",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_PAGE}, fast_mode; {_NOTES}",
    kills=["gradcheck-fast-mode-accepts-all"],
    needs=_NEEDS,
    depends=["gradcheck.wrong-backward-raises"],
)
def fast_mode(torch):
    """fast_mode=True accepts right and rejects wrong gradients as the full mode does."""
    check = torch.autograd.gradcheck
    assert check(lambda x: x.sin(), _leaf(torch, [1.1, 2.0]), fast_mode=True), "fast mode refuses a right gradient"
    assert check(lambda x, y: x @ y, (_leaf(torch, [[1.1, 2.0]]), _leaf(torch, [[0.5], [3.0]])), fast_mode=True)
    for factor in (3, -2, 0):
        with raises(_error(torch), "mismatch"):
            check(_doubled(torch, factor=factor).apply, _leaf(torch, [1.1, 0.3]), fast_mode=True)


@behaviour(
    "gradcheck.forward-ad",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_PAGE}, check_forward_ad and check_backward_ad",
    kills=["gradcheck-skips-forward"],
    needs=_NEEDS,
)
def forward_ad(torch):
    """check_forward_ad=True also checks forward mode: a Function with a wrong jvp fails it and passes without;
    check_backward_ad=False skips the reverse checks.
    """
    check = torch.autograd.gradcheck
    for values in ([1.0], [[0.5, -2.0]]):
        x = _leaf(torch, values)
        assert check(_with_jvp(torch, factor=5), x), "a wrong jvp fails a check of reverse mode"
        with raises(_error(torch), "mismatch"):
            check(_with_jvp(torch, factor=5), x, check_forward_ad=True)
        assert check(_with_jvp(torch, factor=2), x, check_forward_ad=True), "a right jvp is refused"
        only_forward = {"check_backward_ad": False, "check_undefined_grad": False, "check_batched_grad": False}
        assert check(_with_jvp(torch, factor=2, reverse=False), x, check_forward_ad=True, **only_forward)


@behaviour(
    "gradcheck.batched-options", level=SHOULD, profile=FUNCTIONAL, source=f"{_PAGE}, check_batched_grad", needs=_NEEDS
)
def batched_options(torch):
    """check_batched_grad and check_batched_forward_grad (the latter with check_forward_ad) pass for built-in
    operations.
    """
    options = {"check_forward_ad": True, "check_batched_grad": True, "check_batched_forward_grad": True}
    with quiet():
        for function in (torch.sin, lambda x: x * x.sum(), lambda x: x.exp()):
            assert torch.autograd.gradcheck(function, _leaf(torch, [1.1, 2.0]), **options), "a batched check fails"


@behaviour(
    "gradcheck.nondeterminism",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_PAGE}, nondet_tol",
    kills=["gradcheck-accepts-all"],
    needs=_NEEDS,
    depends=["gradcheck.wrong-backward-raises"],
)
def nondeterminism(torch):
    """Gradients that differ between identical runs raise GradcheckError unless the difference is within nondet_tol."""
    runs = []

    class Drifting(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            runs.append(None)
            return g * 2 * (1 + len(runs) * 1e-9)

    with raises(_error(torch), "not reentrant"):
        torch.autograd.gradcheck(Drifting.apply, _leaf(torch, [1.1]))
    assert torch.autograd.gradcheck(Drifting.apply, _leaf(torch, [1.1]), nondet_tol=1e-5), "nondet_tol has no effect"


@behaviour(
    "gradcheck.undefined-grad", level=SHOULD, profile=FUNCTIONAL, source=f"{_PAGE}, check_undefined_grad", needs=_NEEDS
)
def undefined_grad(torch):
    """By default gradcheck raises GradcheckError for a backward that does not treat an undefined output gradient as
    zeros, and passes with check_undefined_grad=False.
    """

    class Ones(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.set_materialize_grads(False)
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return torch.ones(1, dtype=torch.float64) if g is None else g * 2

    with raises(_error(torch), "undefined"):
        torch.autograd.gradcheck(Ones.apply, _leaf(torch, [1.0]))
    assert torch.autograd.gradcheck(Ones.apply, _leaf(torch, [1.0]), check_undefined_grad=False)


@behaviour(
    "gradcheck.gradgradcheck",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"PyTorch documentation, torch.autograd.gradgradcheck; {_NOTES}, gradgradcheck implementation",
    kills=["gradgradcheck-accepts-all"],
    needs=_NEEDS,
)
def gradgradcheck(torch):
    """gradgradcheck checks second derivatives: it passes for smooth functions and raises GradcheckError for a Function
    whose backward is right but not rightly differentiable.
    """
    check, check_twice = torch.autograd.gradcheck, torch.autograd.gradgradcheck
    assert check_twice(lambda x: x**3, _leaf(torch, [1.1, 2.0])), "gradgradcheck refuses a cube"
    assert check_twice(lambda x, y: (x * y).sin(), (_leaf(torch, [0.4]), _leaf(torch, [1.5]))), "… a sine of a product"

    class Detached(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.x = x.detach()
            return x**3

        @staticmethod
        def backward(ctx, g):
            return g * 3 * ctx.x**2

    assert check(Detached.apply, _leaf(torch, [1.1])), "a right first derivative is refused"
    with raises(_error(torch), "mismatch"):
        check_twice(Detached.apply, _leaf(torch, [1.1]))
