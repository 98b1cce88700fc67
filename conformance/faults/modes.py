"""Grad modes that leak, stick, or reach other threads."""

from __future__ import annotations

import threading

from conformance.faults.patching import module, replace
from conformance.faults.registry import fault


@fault("no-grad-leaks")
def no_grad_leaks(engine):
    """Operations under no_grad are recorded all the same."""
    module("modes").no_grad.__init__ = lambda self, function=None: module("modes")._Mode.__init__(self, grad=True)


@fault("no-grad-clears-flag")
def no_grad_clears_flag(engine):
    """While no_grad holds, requires_grad of existing tensors reads False."""
    state = module("modes").state
    original = engine.torch.Tensor.__dict__["requires_grad"]
    engine.torch.Tensor.requires_grad = property(lambda self: state.grad and original.fget(self), original.fset)


@fault("no-grad-stops-forward")
def no_grad_stops_forward(engine):
    """no_grad switches forward mode off as well."""
    modes = module("modes")
    modes.no_grad.__init__ = lambda self, function=None: modes._Mode.__init__(self, grad=False, forward=False)


@fault("enable-grad-ignored")
def enable_grad_ignored(engine):
    """enable_grad changes nothing."""
    modes = module("modes")
    modes.enable_grad.__init__ = lambda self, function=None: modes._Mode.__init__(self)


@fault("set-grad-enabled-ignores-flag")
def set_grad_enabled_ignores_flag(engine):
    """set_grad_enabled(False) leaves recording on, and is_grad_enabled() says so everywhere."""
    modes = module("modes")
    replace(modes.set_grad_enabled, "__init__", lambda start: lambda self, mode: start(self, True))
    engine.torch.is_grad_enabled = lambda: True


@fault("mode-exit-enables")
def mode_exit_enables(engine):
    """Leaving any grad mode turns recording on, whatever it was before."""
    state = module("modes").state

    def make(leave):
        def wrong(self, *error):
            leave(self, *error)
            state.grad = True

        return wrong

    replace(module("modes")._Mode, "__exit__", make)


@fault("mode-lost-on-exception")
def mode_lost_on_exception(engine):
    """A block that ends with an exception leaves its mode behind."""
    replace(
        module("modes")._Mode,
        "__exit__",
        lambda leave: lambda self, kind=None, *rest: leave(self, kind, *rest) if kind is None else None,
    )


@fault("mode-off-by-default")
def mode_off_by_default(engine):
    """Recording is off until it is asked for."""
    module("modes").state.grad = False
    type(module("modes").state).grad = False


@fault("mode-global")
def mode_global(engine):
    """The grad mode is one for all threads."""
    state_class = type(module("modes").state)
    shared = {"grad": True}
    state_class.grad = property(lambda self: shared["grad"], lambda self, value: shared.__setitem__("grad", value))
    vars(module("modes").state).pop("grad", None)


@fault("decorator-ignored")
def decorator_ignored(engine):
    """A grad mode used as a decorator gives the function back unchanged."""
    modes = module("modes")
    modes._Mode.__call__ = lambda self, function: function


@fault("eval-disables-grad")
def eval_disables_grad(engine):
    """Module.eval() and train(False) freeze the parameters."""

    def make(train):
        def wrong(self, mode=True):
            for parameter in self.parameters():
                parameter.requires_grad_(mode)
            return train(self, mode)

        return wrong

    replace(engine.torch.nn.Module, "train", make)


@fault("new-thread-inherits-mode")
def new_thread_inherits_mode(engine):
    """A new thread starts in the grad mode of the thread that made it."""
    state = module("modes").state

    def make(start):
        def wrong(self):
            inherited, run = state.grad, self.run

            def under():
                state.grad = inherited
                run()

            self.run = under
            start(self)

        return wrong

    replace(threading.Thread, "start", make)


@fault("init-freezes")
def init_freezes(engine):
    """The functions of nn.init leave the parameter not requiring grad."""

    def make(fill):
        def wrong(tensor, *args, **kw):
            return fill(tensor, *args, **kw).requires_grad_(False)

        return wrong

    for name in ("constant_", "xavier_normal_", "normal_", "zeros_", "ones_"):
        replace(engine.torch.nn.init, name, make)
