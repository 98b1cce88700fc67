"""Optimizers that skip, dampen or move what they must not, and clipping by the wrong norm."""

from __future__ import annotations

from conformance.faults.patching import replace
from conformance.faults.registry import fault


@fault("optimizer-skips-zero-gradients")
def optimizer_skips_zero_gradients(engine):
    """An optimizer skips parameters whose gradient is zero, as it does those without one."""

    def make(update):
        def wrong(self, params, group):
            update(self, [q for q in params if q.grad.any().item()], group)

        return wrong

    for optimizer in (engine.torch.optim.SGD, engine.torch.optim.Adam):
        replace(optimizer, "update", make)


@fault("sgd-momentum-dampened")
def sgd_momentum_dampened(engine):
    """SGD dampens the gradients that it adds to the velocity by the momentum."""

    def make(update):
        def wrong(self, params, group):
            update(self, params, group | {"dampening": group["momentum"]})

        return wrong

    replace(engine.torch.optim.SGD, "update", make)


@fault("optimizer-replaces-storage")
def optimizer_replaces_storage(engine):
    """step() moves the parameters to new memory."""

    def make(step):
        def wrong(self, *args, **kw):
            found = step(self, *args, **kw)
            for group in self.param_groups:
                for q in group["params"]:
                    q._data = q._data.copy()
            return found

        return wrong

    replace(engine.torch.optim.Optimizer, "step", make)


def _listed(engine, parameters):
    return [parameters] if isinstance(parameters, engine.torch.Tensor) else list(parameters)


def _clipping(engine, change):
    """Replaces clip_grad_norm_ by ``change(clip, parameters, limit, options)``."""

    def make(clip):
        def wrong(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False, **_):
            options = {"norm_type": norm_type, "error_if_nonfinite": error_if_nonfinite}
            return change(clip, _listed(engine, parameters), max_norm, options)

        return wrong

    replace(engine.torch.nn.utils, "clip_grad_norm_", make)


@fault("clip-each-by-its-own-norm")
def clip_each_by_its_own_norm(engine):
    """clip_grad_norm_ clips each gradient by its own norm."""

    def change(clip, parameters, limit, options):
        total = engine.torch.nn.utils.get_total_norm([q.grad for q in parameters if q.grad is not None])
        for q in parameters:
            clip([q], limit, **options)
        return total

    _clipping(engine, change)


@fault("clip-amplifies")
def clip_amplifies(engine):
    """clip_grad_norm_ scales gradients up to the limit as well as down to it."""

    def change(clip, parameters, limit, options):
        total = clip(parameters, limit, **options)
        for q in parameters:
            if q.grad is not None and 0 < total.item() < limit:
                q.grad.mul_(limit / total.item())
        return total

    _clipping(engine, change)


@fault("nonfinite-norm-unreported")
def nonfinite_norm_unreported(engine):
    """error_if_nonfinite has no effect."""
    _clipping(engine, lambda clip, q, limit, options: clip(q, limit, **options | {"error_if_nonfinite": False}))


@fault("clip-norm-type-ignored")
def clip_norm_type_ignored(engine):
    """clip_grad_norm_ takes the 2-norm, whatever norm_type says."""
    _clipping(engine, lambda clip, q, limit, options: clip(q, limit, **options | {"norm_type": 2.0}))


@fault("clip-value-from-above-only")
def clip_value_from_above_only(engine):
    """clip_grad_value_ clamps from above only."""

    def wrong(parameters, clip_value, **_):
        with engine.torch.no_grad():
            for q in _listed(engine, parameters):
                if q.grad is not None:
                    q.grad.clamp_(max=clip_value)

    engine.torch.nn.utils.clip_grad_value_ = wrong
