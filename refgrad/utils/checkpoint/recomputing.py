"""Without reentry: saved tensors are stood for by holders; when the first of them is read, the function runs again and
what it saves fills them.
"""

from __future__ import annotations

import contextlib
import traceback
import weakref
from collections.abc import Callable, Iterator
from typing import Any, Self

from refgrad import random
from refgrad.hooks import saved_tensors_hooks
from refgrad.modes import enable_grad, state
from refgrad.tensor import Tensor, wrap


class CheckpointError(RuntimeError):
    """The recomputation saved something other than the original forward did."""


DEFAULT_CHECK = "default"

early_stops = [True]


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
        self.rng = random.get_rng_state() if preserve else None
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
            stack.enter_context(rng_state(self.rng))
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
def rng_state(saved: Any) -> Iterator[None]:
    """A context in which random numbers are drawn from a former state, and after which they go on undisturbed."""
    if saved is None:
        yield
        return
    current = random.get_rng_state()
    random.set_rng_state(saved)
    try:
        yield
    finally:
        random.set_rng_state(current)


def without_reentry(
    function: Callable[[], Any], context_fn: Any, check: str, *, debug: bool, early_stop: bool, preserve: bool
) -> Any:
    """What the function gives, with what it saves stood for by holders."""
    if check not in (DEFAULT_CHECK, "none"):
        raise ValueError(f"determinism_check should be one of ['default', 'none'], but got {check}")
    forward, again = (contextlib.nullcontext(), contextlib.nullcontext()) if context_fn is None else context_fn()
    if not state.grad or state.inference:
        with forward:
            return function()
    frame = _Frame(function, check, again, debug=debug, early_stop=early_stop, preserve=preserve)
    with saved_tensors_hooks(frame.pack, frame.unpack), forward:
        return function()
