"""Checkpoints that keep everything, forget inputs, draw other random numbers, or do not look at what they recompute."""

from __future__ import annotations

from conformance.faults.patching import module, replace
from conformance.faults.registry import fault


def _checkpoint():
    return module("utils.checkpoint")


def _wrap(change):
    """Replaces checkpoint by ``change(checkpoint, function, args, options)``."""

    def make(checkpoint):
        return lambda function, *args, **options: change(checkpoint, function, args, options)

    replace(_checkpoint(), "checkpoint", make)


@fault("checkpoint-first-input-only")
def checkpoint_first_input_only(engine):
    """A checkpoint differentiates its first argument only."""

    def cut(x):
        return x.detach() if isinstance(x, engine.torch.Tensor) else x

    _wrap(lambda checkpoint, f, args, kw: checkpoint(f, *args[:1], *map(cut, args[1:]), **kw))


@fault("checkpoint-keeps-everything")
def checkpoint_keeps_everything(engine):
    """A checkpoint is a plain call: nothing is recomputed, and everything is kept."""
    _wrap(lambda checkpoint, f, args, kw: f(*args))


@fault("checkpoint-draws-anew")
def checkpoint_draws_anew(engine):
    """Recomputation draws new random numbers."""
    _wrap(lambda checkpoint, f, args, kw: checkpoint(f, *args, **kw | {"preserve_rng_state": False}))


@fault("checkpoint-never-reentrant")
def checkpoint_never_reentrant(engine):
    """use_reentrant=True is taken as False."""
    _wrap(lambda checkpoint, f, args, kw: checkpoint(f, *args, **kw | {"use_reentrant": False}))


@fault("checkpoint-always-reentrant")
def checkpoint_always_reentrant(engine):
    """use_reentrant=False is taken as True."""
    _wrap(lambda checkpoint, f, args, kw: checkpoint(f, *args, **kw | {"use_reentrant": True}))


@fault("checkpoint-contexts-swapped")
def checkpoint_contexts_swapped(engine):
    """Forward runs under the second context of context_fn, recomputation under the first."""

    def change(checkpoint, f, args, kw):
        contexts = kw.get("context_fn")
        if contexts is not None:
            kw["context_fn"] = lambda: contexts()[::-1]
        return checkpoint(f, *args, **kw)

    _wrap(change)


@fault("checkpoint-unchecked")
def checkpoint_unchecked(engine):
    """What is recomputed is not compared with what was saved."""
    _checkpoint()._Frame._compare = lambda self, seen: None


@fault("checkpoint-sequential-recomputes-last")
def checkpoint_sequential_recomputes_last(engine):
    """checkpoint_sequential checkpoints the last segment as well."""
    utils = _checkpoint()

    def wrong(functions, segments, x, **kw):
        steps = list(functions.children()) if hasattr(functions, "children") else list(functions)
        size = len(steps) // segments
        starts = [k * size for k in range(segments)]
        for start, end in zip(starts, [*starts[1:], len(steps)], strict=True):
            x = utils.checkpoint(utils._chain(steps[start:end]), x, **kw)
        return x

    utils.checkpoint_sequential = wrong
