"""What holds for the operations of one thread: grad mode, inference mode, hooks on saved tensors, anomaly mode,
levels.
"""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable
from typing import Any, Self


class State(threading.local):
    """The modes of this thread. `plain` says that nothing but the grad mode is out of the ordinary (the fast path)."""

    grad = True
    inference = False
    saved_hooks: tuple[Any, ...] = ()
    saved_hooks_disabled: str | None = None
    anomaly = False
    check_nan = True
    levels: tuple[Any, ...] = ()
    forward = True
    duals: tuple[int, ...] = ()
    transforms = 0
    vmaps: tuple[Any, ...] = ()
    meta = False  # whether a tensor without data was ever made
    stream: Any = None  # of the device, if not the one that everything runs on by default
    plain = True
    relaxed_layout = False
    multithreading = True
    evaluating: Any = None
    running: Any = None
    before_write: tuple[Any, ...] = ()
    dispatch: tuple[Any, ...] = ()  # modes that see every operator

    def refresh(self) -> None:
        """Recomputes `plain` after a mode was changed."""
        self.plain = not (
            self.inference
            or self.saved_hooks
            or self.anomaly
            or self.levels
            or self.transforms
            or self.meta
            or self.stream
            or self.dispatch
        )


state = State()


class Batching:
    """What becomes of batched tensors in the layers below `refgrad.func.batching`, which fills this in."""

    operator: Callable[..., Any]  # an operator applied to them
    in_place: Callable[..., Any]  # one of them modified in place
    function: Callable[..., Any]  # a custom function applied to them
    grad: Callable[..., Any]  # their gradients
    random: Callable[..., Any]  # random numbers drawn inside vmap


batching = Batching()


class Masking:
    """What becomes of masked tensors in the layers below `refgrad.masked`, which fills this in."""

    operator: Callable[..., Any]  # an operator applied to them


masking = Masking()


class _Mode:
    """A context that sets modes and can decorate functions and generators."""

    def __init__(self, **modes: Any) -> None:
        self._modes, self._before = modes, []

    def __enter__(self) -> Self:
        self._before.append({k: getattr(state, k) for k in self._modes})
        _set(self._modes)
        return self

    def __exit__(self, *_: object) -> None:
        _set(self._before.pop())

    def clone(self) -> _Mode:
        """A fresh context of the same modes, so that a decorated function can call itself."""
        return _Mode(**self._modes)

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        if inspect.isclass(function):
            function.__init__ = self(function.__init__)
            return function
        if inspect.isgeneratorfunction(function):
            return _generator_under(self.clone, function)

        @functools.wraps(function)
        def under(*args: Any, **kwargs: Any) -> Any:
            with self.clone():
                return function(*args, **kwargs)

        return under


def _set(modes: dict[str, Any]) -> None:
    for name, value in modes.items():
        setattr(state, name, value)
    if len(modes) > 1 or "grad" not in modes:
        state.refresh()


def _generator_under(mode: Callable[[], _Mode], function: Callable[..., Any]) -> Callable[..., Any]:
    """The generator function with the mode on while it runs and off while its consumer does."""

    @functools.wraps(function)
    def under(*args: Any, **kwargs: Any) -> Any:
        inner = function(*args, **kwargs)
        step, value = inner.send, None
        while True:
            try:
                with mode():
                    item = step(value)
            except StopIteration as stop:
                return stop.value
            try:
                value = yield item
                step = inner.send
            except GeneratorExit:
                with mode():
                    inner.close()
                raise
            except BaseException as error:  # noqa: BLE001, handed to the generator, which decides
                step, value = inner.throw, error

    return under


class _Decorating(_Mode):
    """A mode that may decorate without being called: ``@no_grad`` as well as ``@no_grad()``."""

    def __new__(cls, function: Any = None) -> Any:
        if callable(function):
            return cls()(function)
        return super().__new__(cls)


class no_grad(_Decorating):  # noqa: N801, PyTorch's name
    """A context in which nothing is recorded.

    >>> with no_grad():
    ...     is_grad_enabled()
    False
    """

    def __init__(self, function: Any = None) -> None:
        super().__init__(grad=False)


class enable_grad(_Decorating):  # noqa: N801, PyTorch's name
    """A context in which operations are recorded again."""

    def __init__(self, function: Any = None) -> None:
        super().__init__(grad=True)


class set_grad_enabled(_Mode):  # noqa: N801, PyTorch's name
    """Sets the grad mode at once; used as a context, restores it at the end; used as a decorator, only the function
    has it.
    """

    def __init__(self, mode: bool) -> None:
        super().__init__(grad=bool(mode))
        self.mode, self._before = bool(mode), [{"grad": state.grad}]
        state.grad = self.mode

    def __enter__(self) -> Self:
        state.grad = self.mode
        return self

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        state.grad = self._before[-1]["grad"]
        return super().__call__(function)


class inference_mode(_Mode):  # noqa: N801, PyTorch's name
    """A context without recording, without version counters on new tensors, and without forward mode."""

    def __new__(cls, mode: Any = True) -> Any:
        if callable(mode):
            return cls()(mode)
        return super().__new__(cls)

    def __init__(self, mode: Any = True) -> None:
        super().__init__(inference=bool(mode), grad=not mode, forward=not mode)


def is_grad_enabled() -> bool:
    """Whether operations are recorded in this thread."""
    return state.grad and not state.inference


def is_inference_mode_enabled() -> bool:
    """Whether this thread is in inference mode."""
    return state.inference


class enforce_grad_layout_policy(_Mode):  # noqa: N801, PyTorch's name
    """A context that says whether a fresh `.grad` takes the strides of its tensor."""

    def __init__(self, mode: bool) -> None:
        super().__init__(relaxed_layout=not mode)


class set_multithreading_enabled(_Mode):  # noqa: N801, PyTorch's name
    """Accepted as PyTorch's; the engine always runs in the thread that calls it."""

    def __init__(self, mode: bool) -> None:
        super().__init__(multithreading=bool(mode))
        self._before = [{"multithreading": state.multithreading}]
        _set(self._modes)

    def __enter__(self) -> Self:
        return self
