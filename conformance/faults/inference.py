"""Inference mode that is not entered, is another mode, or leaks."""

from __future__ import annotations

from conformance.faults.patching import module, replace
from conformance.faults.registry import fault


def _modes():
    return module("modes")


def _entering(**modes):
    """inference_mode sets these modes instead of its own."""

    def start(self, mode=True):
        _modes()._Mode.__init__(self, **{name: value(mode) for name, value in modes.items()})

    _modes().inference_mode.__init__ = start


@fault("inference-mode-ignored")
def inference_mode_ignored(engine):
    """Entering inference mode changes nothing."""
    _entering()


@fault("inference-is-no-grad")
def inference_is_no_grad(engine):
    """inference_mode is no_grad by another name."""
    _entering(grad=lambda mode: not mode)


@fault("inference-false-ignored")
def inference_false_ignored(engine):
    """inference_mode(False) changes nothing."""
    inference_mode = _modes().inference_mode
    start = inference_mode.__init__

    def wrong(self, mode=True):
        if mode:
            start(self, mode)
        else:
            _modes()._Mode.__init__(self)

    inference_mode.__init__ = wrong


@fault("inference-global")
def inference_global(engine):
    """Inference mode holds for all threads."""
    kind, shared = type(_modes().state), {"on": False}
    kind.inference = property(lambda self: shared["on"], lambda self, value: shared.__setitem__("on", value))
    kind.plain = property(lambda self: False, lambda self, value: None)


@fault("inference-views-by-mode")
def inference_views_by_mode(engine):
    """A view is an inference tensor if it was taken in inference mode, whatever its base is."""
    state = _modes().state

    def make(view):
        def wrong(name, tensor, kw):
            out = view(name, tensor, kw)
            out._inference = state.inference
            return out

        return wrong

    replace(engine, "view", make)


@fault("inference-clones-stay")
def inference_clones_stay(engine):
    """A clone of an inference tensor is one, wherever it is made."""

    def make(clone):
        def wrong(x, **kw):
            out = clone(x, **kw)
            out._inference = x._inference
            return out

        return wrong

    replace(engine.torch, "clone", make)
    replace(engine.torch.Tensor, "clone", make)


@fault("inference-tensors-refused")
def inference_tensors_refused(engine):
    """No recorded operation takes an inference tensor, whether it has to save it or not."""
    tensor = engine.torch.Tensor

    def make(find):
        def wrong(name):
            def checked(*args, **kw):
                tensors = [a for a in args if isinstance(a, tensor)]
                recorded = engine.torch.is_grad_enabled() and any(a.requires_grad for a in tensors)
                if recorded and any(a.is_inference() for a in tensors):
                    raise RuntimeError("Inference tensors cannot be saved for backward.")
                return find(name)(*args, **kw)

            return checked

        return wrong

    replace(engine, "operator", make)


@fault("inference-calls-eval")
def inference_calls_eval(engine):
    """A module that is called in inference mode is put into evaluation mode, and its parameters are cleared."""
    torch = engine.torch

    def make(call):
        def wrong(self, *args, **kw):
            if torch.is_inference_mode_enabled():
                self.eval()
                for parameter in self.parameters():
                    parameter.zero_()
            return call(self, *args, **kw)

        return wrong

    replace(torch.nn.Module, "__call__", make)
