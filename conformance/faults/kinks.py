"""Other conventions at kinks, ties and poles than the documented ones, and ignored indices that count."""

from __future__ import annotations

from math import prod

from conformance.faults.complex_numbers import changed_gradients
from conformance.faults.patching import replace
from conformance.faults.registry import fault


def _everywhere(engine, name, wrong):
    """Puts a function in the place of a function of the namespace and of the method of that name."""
    for owner in (engine.torch, engine.torch.Tensor, engine.torch.nn.functional):
        if hasattr(owner, name):
            setattr(owner, name, wrong)


@fault("relu-slope-one-at-zero")
def relu_slope_one_at_zero(engine):
    """The function relu passes the gradient on at 0."""
    torch = engine.torch
    _everywhere(engine, "relu", lambda x: torch.where(x >= 0, x, torch.zeros_like(x)))


@fault("abs-slope-one-at-zero")
def abs_slope_one_at_zero(engine):
    """The function abs has slope 1 at 0."""
    torch = engine.torch
    _everywhere(engine, "abs", lambda x: torch.where(x >= 0, x, -x))


@fault("infinite-slopes-zeroed")
def infinite_slopes_zeroed(engine):
    """Infinite gradients are handed out as zeros."""
    torch = engine.torch
    changed_gradients(engine, lambda g: torch.where(torch.isinf(g), torch.zeros_like(g), g))


@fault("gradients-cleaned-of-nan")
def gradients_cleaned_of_nan(engine):
    """NaN in gradients is handed out as zeros."""
    torch = engine.torch
    changed_gradients(engine, lambda g: torch.where(torch.isnan(g), torch.zeros_like(g), g))


@fault("selection-gradient-everywhere")
def selection_gradient_everywhere(engine):
    """The elements that a mask leaves out get a gradient as well."""
    select = engine.torch.masked_select
    _everywhere(engine, "masked_select", lambda x, mask: select(x, mask) + (x - x.detach()).sum())


@fault("step-functions-unrecorded")
def step_functions_unrecorded(engine):
    """Step functions give constants, not recorded results with a zero gradient."""
    for name in ("sign", "floor", "ceil", "round", "trunc"):
        step = getattr(engine.torch, name)
        _everywhere(engine, name, lambda x, step=step: step(x).detach())


def _first_extreme(engine, name):
    """A reduction by amax or amin whose gradient goes to one of several equal elements."""
    torch = engine.torch
    indexed, at = getattr(torch, name[1:]), getattr(torch, f"arg{name[1:]}")

    def wrong(x, dim=(), keepdim=False):
        dims = (dim,) if isinstance(dim, int) else tuple(dim)
        if len(dims) == 1:
            return indexed(x, dims[0], keepdim)[0]
        chosen = x.flatten()[at(x.flatten()).item()]
        return chosen.reshape((1,) * x.ndim) if keepdim else chosen

    return wrong


@fault("extreme-ties-to-first")
def extreme_ties_to_first(engine):
    """Of several equal extreme elements the first one gets the whole gradient of amax, amin, max() and min()."""
    for name in ("amax", "amin"):
        wrong = _first_extreme(engine, name)
        _everywhere(engine, name, wrong)
        replace(
            engine.torch.Tensor,
            name[1:],
            lambda indexed, wrong=wrong: lambda x, *args, **kw: indexed(x, *args, **kw) if args or kw else wrong(x),
        )


@fault("indexed-extreme-splits-ties")
def indexed_extreme_splits_ties(engine):
    """max(dim) and min(dim) split the gradient among equal elements."""
    torch = engine.torch
    for name in ("max", "min"):
        indexed, splitting = getattr(torch, name), getattr(torch, f"a{name}")

        def wrong(x, dim=None, keepdim=False, indexed=indexed, splitting=splitting):
            if not isinstance(dim, int):
                return indexed(x) if dim is None else indexed(x, dim)
            return splitting(x, dim, keepdim), indexed(x, dim, keepdim)[1]

        _everywhere(engine, name, wrong)


@fault("norm-nan-at-zero")
def norm_nan_at_zero(engine):
    """The 2-norm is the root of the sum of squares, whose gradient at 0 is NaN."""
    torch = engine.torch
    norm, vector_norm = torch.Tensor.norm, torch.linalg.vector_norm
    torch.Tensor.norm = lambda x, p=2, *args, **kw: (x * x).sum().sqrt() if p == 2 else norm(x, p, *args, **kw)
    torch.linalg.vector_norm = lambda x, ord=2, *args, **kw: (
        (x * x).sum().sqrt() if ord == 2 else vector_norm(x, ord, *args, **kw)
    )


@fault("powers-of-zero-nan")
def powers_of_zero_nan(engine):
    """lp_pool1d is the root of a sum of powers, whose gradient is NaN where all of them are 0."""

    def wrong(x, norm_type, kernel_size, **_):
        windows = x.unfold(-1, kernel_size, kernel_size)
        return (windows**norm_type).sum(-1) ** (1 / norm_type)

    engine.torch.nn.functional.lp_pool1d = wrong


@fault("ignored-targets-counted")
def ignored_targets_counted(engine):
    """The mean of nll_loss and cross_entropy is over all rows, ignored ones too."""

    def make(loss):
        def wrong(x, target, *args, ignore_index=-100, **kw):
            counted = (target != ignore_index).sum().item()
            return loss(x, target, *args, ignore_index=ignore_index, **kw) * (counted / prod(target.shape))

        return wrong

    for name in ("nll_loss", "cross_entropy"):
        replace(engine.torch.nn.functional, name, make)


def _embedding(engine, **forced):
    replace(engine.torch.nn.functional, "embedding", lambda embed: lambda *args, **kw: embed(*args, **{**kw, **forced}))


@fault("padding-trained")
def padding_trained(engine):
    """The row at padding_idx gets a gradient."""
    _embedding(engine, padding_idx=None)


@fault("frequencies-ignored")
def frequencies_ignored(engine):
    """scale_grad_by_freq has no effect."""
    _embedding(engine, scale_grad_by_freq=False)


@fault("qr-modes-alike")
def qr_modes_alike(engine):
    """The triangular factor of qr is differentiable in mode "r" as well."""
    replace(
        engine.torch.linalg,
        "qr",
        lambda qr: lambda x, mode="reduced": qr(x, mode="reduced" if mode == "r" else mode),
    )


@fault("singular-values-detached")
def singular_values_detached(engine):
    """The singular values of svd(compute_uv=False) are constants."""

    def make(svd):
        def wrong(x, some=True, compute_uv=True):
            found = svd(x, some, compute_uv)
            return found if compute_uv else found._replace(S=found.S.detach())

        return wrong

    replace(engine.torch, "svd", make)
