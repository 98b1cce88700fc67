"""Checks of gradients that check too little, or too much."""

from __future__ import annotations

from functools import wraps

from conformance.faults.registry import fault


def _wrap(engine, name, change):
    """Replaces a check by `change(check, function, inputs, options)`; it keeps its name and module."""
    autograd = engine.torch.autograd
    check = getattr(autograd, name)

    @wraps(check)
    def wrong(function, inputs, **options):
        return change(check, function, inputs, options)

    setattr(autograd, name, wrong)


@fault("gradcheck-returns-none")
def gradcheck_returns_none(engine):
    """The check gives None where it passes."""
    _wrap(engine, "gradcheck", lambda check, f, xs, kw: check(f, xs, **kw) and None)


@fault("gradcheck-accepts-all")
def gradcheck_accepts_all(engine):
    """The check gives True without looking."""
    _wrap(engine, "gradcheck", lambda check, f, xs, kw: True)


@fault("gradcheck-fast-mode-accepts-all")
def gradcheck_fast_mode_accepts_all(engine):
    """The fast mode of gradcheck gives True without looking."""
    _wrap(engine, "gradcheck", lambda check, f, xs, kw: bool(kw.get("fast_mode")) or check(f, xs, **kw))


@fault("gradcheck-skips-forward")
def gradcheck_skips_forward(engine):
    """check_forward_ad has no effect."""
    _wrap(engine, "gradcheck", lambda check, f, xs, kw: check(f, xs, **kw | {"check_forward_ad": False}))


@fault("gradcheck-checks-constants")
def gradcheck_checks_constants(engine):
    """The check also looks at floating inputs that do not require grad."""

    def change(check, f, xs, kw):
        given = (xs,) if isinstance(xs, engine.torch.Tensor) else tuple(xs)
        is_float = [isinstance(x, engine.torch.Tensor) and x.is_floating_point() for x in given]
        tracked = [x.detach().requires_grad_() if yes else x for x, yes in zip(given, is_float, strict=True)]
        return check(f, tuple(tracked), **kw)

    _wrap(engine, "gradcheck", change)


@fault("gradgradcheck-accepts-all")
def gradgradcheck_accepts_all(engine):
    """The check of second derivatives gives True without looking."""
    _wrap(engine, "gradgradcheck", lambda check, f, xs, kw: True)
