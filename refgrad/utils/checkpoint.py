"""PyTorch's `torch.utils.checkpoint`: what a function saves is computed again in the backward pass instead of being
kept.
"""

from __future__ import annotations

import contextlib
import enum
import functools
import traceback
import warnings
import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Self

from refgrad import creation
from refgrad.backward import backward
from refgrad.function import Function
from refgrad.hooks import saved_tensors_hooks
from refgrad.modes import enable_grad, no_grad, state
from refgrad.tensor import Tensor, wrap


class CheckpointError(RuntimeError):
    """The recomputation saved something other than the original forward did."""


class CheckpointPolicy(enum.Enum):
    """What a selective checkpoint does with the result of an operator."""

    MUST_SAVE = 0
    PREFER_SAVE = 1
    MUST_RECOMPUTE = 2
    PREFER_RECOMPUTE = 3


_DEFAULT_CHECK = "default"
_early_stop = [True]


@contextlib.contextmanager
def set_checkpoint_early_stop(enable: bool) -> Iterator[None]:
    """A context that says whether recomputation stops as soon as it has all that is needed."""
    before = _early_stop[0]
    _early_stop[0] = enable
    try:
        yield
    finally:
        _early_stop[0] = before


def checkpoint(
    function: Callable[..., Any],
    *args: Any,
    use_reentrant: bool | None = None,
    context_fn: Callable[[], tuple[Any, Any]] | None = None,
    determinism_check: str = _DEFAULT_CHECK,
    debug: bool = False,
    early_stop: bool = True,
    preserve_rng_state: bool = True,
    **kwargs: Any,
) -> Any:
    """``function(*args, **kwargs)``, whose intermediate results are computed again when gradients need them."""
    if use_reentrant is None:
        warnings.warn(
            "torch.utils.checkpoint: the use_reentrant parameter should be passed explicitly. Starting in PyTorch "
            "2.9, calling checkpoint "
            "without use_reentrant will raise an exception. use_reentrant=False is recommended.",
            UserWarning,
            stacklevel=2,
        )
        use_reentrant = True
    if use_reentrant:
        if kwargs:
            raise ValueError(f"Unexpected keyword arguments: {','.join(kwargs)}")
        if context_fn is not None or debug:
            raise ValueError("Passing `context_fn` or `debug` is only supported when use_reentrant=False.")
        return _Reentrant.apply(function, preserve_rng_state, *args)
    return _without_reentry(
        functools.partial(function, *args, **kwargs),
        context_fn,
        determinism_check,
        debug=debug,
        early_stop=early_stop and _early_stop[0],
        preserve=preserve_rng_state,
    )


# --- recomputing when a saved tensor is unpacked ----------------------------------------------------------------------


class _Holder:
    """Stands for a saved tensor."""

    __slots__ = ("__weakref__", "index", "values")

    def __init__(self, index: int) -> None:
        self.index, self.values = index, weakref.WeakKeyDictionary()


class _Stop(Exception):
    """All that is needed has been recomputed."""


class _Frame:
    """One checkpointed call."""

    def __init__(
        self, function: Callable[[], Any], check: str, context: Any, *, debug: bool, early_stop: bool, preserve: bool
    ) -> None:
        self.function, self.check, self.context, self.debug, self.early_stop = (
            function,
            check,
            context,
            debug,
            early_stop,
        )
        self.rng = creation.get_rng_state() if preserve else None
        self.holders: list[weakref.ref[_Holder]] = []
        self.metadata: list[Any] = []
        self.traces: list[str] = []
        self.done: weakref.WeakSet[Any] = weakref.WeakSet()

    def pack(self, x: Tensor) -> _Holder:
        holder = _Holder(len(self.holders))
        self.holders.append(weakref.ref(holder))
        self.metadata.append(_metadata(x))
        if self.debug:
            self.traces.append(_user_line())
        return holder

    def unpack(self, holder: _Holder) -> Tensor:
        run = _group[-1] if _group else state.running or _OUTSIDE
        if run not in holder.values:
            self.recompute(run)
        if run not in holder.values:
            raise CheckpointError(
                "torch.utils.checkpoint: A different number of tensors was saved during the original forward and "
                "recomputation."
            )
        return holder.values[run] if _group else holder.values.pop(run)

    def recompute(self, run: Any) -> None:
        """Runs the function again and hands what it saves to the holders."""
        seen: list[Any] = []

        def pack(x: Tensor) -> Any:
            i = len(seen)
            seen.append((_metadata(x), _user_line() if self.debug else ""))
            holder = self.holders[i]() if i < len(self.holders) else None
            bare = wrap(x._data)
            if holder is not None:
                holder.values[run] = bare
            if self.early_stop and len(seen) == len(self.holders):
                raise _Stop
            return bare

        with contextlib.ExitStack() as stack:
            stack.enter_context(_rng(self.rng))
            stack.enter_context(enable_grad())
            stack.enter_context(saved_tensors_hooks(pack, lambda x: x))
            stack.enter_context(self.context)
            with contextlib.suppress(_Stop):
                self.function()
        self._compare(seen)

    def _compare(self, seen: list[Any]) -> None:
        if len(seen) != len(self.holders):
            raise CheckpointError(
                "torch.utils.checkpoint: A different number of tensors was saved during the original forward and "
                "recomputation.\n"
                f"Number of tensors saved during forward: {len(self.holders)}\nNumber of tensors saved during "
                f"recomputation: {len(seen)}" + self._trace(seen)
            )
        if self.check == "none":
            return
        wrong = [(i, a, b) for i, (a, (b, _)) in enumerate(zip(self.metadata, seen, strict=True)) if a != b]
        if wrong:
            lines = "\n".join(
                f"tensor at position {i}:\nsaved metadata: {a}\nrecomputed metadata: {b}" for i, a, b in wrong
            )
            raise CheckpointError(
                "torch.utils.checkpoint: Recomputed values for the following tensors have different metadata than "
                f"during the forward pass.\n{lines}" + self._trace(seen)
            )

    def _trace(self, seen: list[Any]) -> str:
        if not self.debug:
            return "\nTip: pass debug=True to see where tensors were saved."
        return (
            "\nSaved in the forward pass:\n"
            + "\n".join(self.traces)
            + "\nSaved in recomputation:\n"
            + "\n".join(line for _, line in seen)
        )


class _Outside:
    """Stands for the backward pass where saved tensors are read outside of one."""


_OUTSIDE = _Outside()
_group: list[Any] = []


class GraphExecGroup:
    """A context in which several backward passes share one recomputation."""

    def __enter__(self) -> Self:
        _group.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        _group.pop()


def _metadata(x: Tensor) -> dict[str, Any]:
    return {"shape": tuple(x.shape), "dtype": x.dtype, "device": str(x.device)}


def _user_line() -> str:
    frames = [f for f in traceback.extract_stack() if "refgrad" not in f.filename.replace("\\", "/").split("/")]
    return f"{frames[-1].filename}:{frames[-1].lineno}: {frames[-1].line}" if frames else ""


@contextlib.contextmanager
def _rng(saved: Any) -> Iterator[None]:
    """A context in which random numbers are drawn from a former state, and after which they go on undisturbed."""
    if saved is None:
        yield
        return
    current = creation.get_rng_state()
    creation.set_rng_state(saved)
    try:
        yield
    finally:
        creation.set_rng_state(current)


def _without_reentry(
    function: Callable[[], Any], context_fn: Any, check: str, *, debug: bool, early_stop: bool, preserve: bool
) -> Any:
    if check not in (_DEFAULT_CHECK, "none"):
        raise ValueError(f"determinism_check should be one of ['default', 'none'], but got {check}")
    forward, again = (contextlib.nullcontext(), contextlib.nullcontext()) if context_fn is None else context_fn()
    if not state.grad or state.inference:
        with forward:
            return function()
    frame = _Frame(function, check, again, debug=debug, early_stop=early_stop, preserve=preserve)
    with saved_tensors_hooks(frame.pack, frame.unpack), forward:
        return function()


# --- a node that runs the function again in its backward --------------------------------------------------------------


class _Reentrant(Function):
    """The whole call as one operation, recorded anew in its backward pass."""

    @staticmethod
    def forward(ctx: Any, run_function: Callable[..., Any], preserve: bool, *args: Any) -> Any:
        """Runs without recording."""
        if state.grad is False and not any(isinstance(a, Tensor) and a.requires_grad for a in args):
            warnings.warn(
                "None of the inputs have requires_grad=True. Gradients will be None", UserWarning, stacklevel=4
            )
        ctx.run_function = run_function
        ctx.rng = creation.get_rng_state() if preserve else None
        ctx.places = [i for i, a in enumerate(args) if isinstance(a, Tensor)]
        ctx.rest = [None if isinstance(a, Tensor) else a for a in args]
        ctx.save_for_backward(*(a for a in args if isinstance(a, Tensor)))
        with no_grad():
            return run_function(*args)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        """Runs again, recording, and sends the gradients through."""
        if state.running is not None and state.running.needed is not None:
            raise RuntimeError(
                "When use_reentrant=True, torch.utils.checkpoint is incompatible with .grad() or passing an `inputs` "
                "parameter to .backward(). "
                "To resolve this error, you can either set use_reentrant=False, or call .backward() without passing "
                "the `inputs` argument."
            )
        inputs = list(ctx.rest)
        for i, x in zip(ctx.places, ctx.saved_tensors, strict=True):
            inputs[i] = x.detach().requires_grad_(x.requires_grad)
        with _rng(ctx.rng), enable_grad():
            outputs = ctx.run_function(*inputs)
        outs = outputs if isinstance(outputs, tuple) else (outputs,)
        pairs = [(o, g) for o, g in zip(outs, grads, strict=True) if isinstance(o, Tensor) and o.requires_grad]
        if not pairs:
            raise RuntimeError("none of output has requires_grad=True, this checkpoint() is not necessary")
        backward([o for o, _ in pairs], [g for _, g in pairs])
        return (None, None, *(x._grad if isinstance(x, Tensor) else None for x in inputs))


_Reentrant._backward_cls.__name__ = "CheckpointFunctionBackward"


def checkpoint_sequential(
    functions: Any, segments: int, input: Any, use_reentrant: bool | None = None, **kwargs: Any
) -> Any:
    """The functions one after the other, cut into segments, all but the last of which are checkpointed."""
    if use_reentrant is None:
        warnings.warn(
            "torch.utils.checkpoint.checkpoint_sequential: the use_reentrant parameter should be passed explicitly.",
            UserWarning,
            stacklevel=2,
        )
        use_reentrant = True
    steps = list(functions.children()) if hasattr(functions, "children") else list(functions)
    size = len(steps) // segments
    end = -1
    for start in range(0, size * (segments - 1), size):
        end = start + size - 1
        input = checkpoint(_chain(steps[start : end + 1]), input, use_reentrant=use_reentrant, **kwargs)
    return _chain(steps[end + 1 :])(input)


def _chain(steps: Sequence[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    def run(x: Any) -> Any:
        for step in steps:
            x = step(x)
        return x

    return run


def create_selective_checkpoint_contexts(
    policy_fn_or_list: Any,
    allow_cache_entry_mutation: bool = False,
) -> tuple[Any, Any]:
    """Contexts for `context_fn`. refgrad recomputes every operator: the values are those of any policy."""
    return contextlib.nullcontext(), contextlib.nullcontext()
