"""Hooks that are not on one tensor or node: on saved tensors, and on the gradients of several tensors."""

from __future__ import annotations

import contextlib
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Self

from refgrad.graph import Handle
from refgrad.modes import state
from refgrad.tensor import Tensor, gradient_edge, wrap


class saved_tensors_hooks:  # noqa: N801, PyTorch's name
    """A context in which what operations save is packed by one function, and unpacked by the other when it is read."""

    def __init__(self, pack_hook: Callable[[Tensor], Any], unpack_hook: Callable[[Any], Tensor]) -> None:
        self.pack_hook, self.unpack_hook = pack_hook, unpack_hook

    def __enter__(self) -> Self:
        if state.saved_hooks_disabled is not None:
            raise RuntimeError(state.saved_hooks_disabled)
        state.saved_hooks = (*state.saved_hooks, (self.pack_hook, self.unpack_hook))
        state.refresh()
        return self

    def __exit__(self, *_: object) -> None:
        state.saved_hooks = state.saved_hooks[:-1]
        state.refresh()


class save_on_cpu(saved_tensors_hooks):  # noqa: N801, PyTorch's name
    """A context in which saved tensors are copied to the CPU until they are needed."""

    def __init__(self, pin_memory: bool = False, device_type: str = "cuda") -> None:
        super().__init__(lambda x: (x.device, x.detach().to("cpu", copy=True)), lambda packed: packed[1].to(packed[0]))


@contextlib.contextmanager
def disable_saved_tensors_hooks(error_message: str) -> Iterator[None]:
    """A context in which hooks on saved tensors raise a RuntimeError with this message."""
    before = state.saved_hooks_disabled
    if state.saved_hooks:
        raise RuntimeError(error_message)
    state.saved_hooks_disabled = error_message
    try:
        yield
    finally:
        state.saved_hooks_disabled = before


def increment_version(tensor: Tensor | Iterable[Tensor]) -> None:
    """Counts a modification of the tensor, or of each of them, that was made elsewhere."""
    for x in [tensor] if isinstance(tensor, Tensor) else tensor:
        if not x._inference:
            x._cell[0] += 1


class _MultiHandle:
    """Removes the hook from all its tensors."""

    def __init__(self, handles: Sequence[Handle]) -> None:
        self.handles = tuple(handles)

    def remove(self) -> None:
        """Takes the hook away."""
        for handle in self.handles:
            handle.remove()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


def register_multi_grad_hook(tensors: Sequence[Tensor], fn: Callable[..., None], *, mode: str = "all") -> _MultiHandle:
    """Calls `fn` once per backward pass: with all gradients when the last has come (`all`), or with the first
    (`any`).
    """
    if mode not in ("all", "any"):
        raise ValueError(f"Expects mode to be one of ('all', 'any') but got {mode}")
    for x in tensors:
        if not x.requires_grad:
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
    return _on_any(tensors, fn) if mode == "any" else _on_all(tensors, fn)


def _on_any(tensors: Sequence[Tensor], fn: Callable[[Tensor], None]) -> _MultiHandle:
    ran: weakref.WeakSet[Any] = weakref.WeakSet()
    lock = threading.Lock()

    def hook(g: Tensor) -> None:
        with lock:
            run = state.running
            if run in ran:
                return
            ran.add(run)
        fn(g)

    return _MultiHandle([x.register_hook(hook) for x in tensors])


def _on_all(tensors: Sequence[Tensor], fn: Callable[[Sequence[Any]], None]) -> _MultiHandle:
    pending: weakref.WeakKeyDictionary[Any, list[Any]] = weakref.WeakKeyDictionary()
    lock = threading.Lock()
    nodes = [gradient_edge(x)[0] for x in tensors]

    def hook_of(i: int) -> Callable[[Tensor], None]:
        def hook(g: Tensor) -> None:
            with lock:
                run = state.running
                if run not in pending:
                    expected = sum(
                        node in run.dependencies and node not in run.starts and run.will_run(node) for node in nodes
                    )
                    pending[run] = [0, max(expected, 1), [None] * len(tensors)]
                entry = pending[run]
                entry[0] += 1
                entry[2][i] = g
                complete = entry[0] == entry[1]
            if complete:
                fn(entry[2])

        return hook

    return _MultiHandle([x.register_hook(hook_of(i)) for i, x in enumerate(tensors)])


@contextlib.contextmanager
def region_activation_memory_budget(memory_budget: float) -> Iterator[None]:
    """PyTorch's context for compiled regions; as in PyTorch, an error outside of one, and nothing here is compiled."""
    raise RuntimeError("region_activation_memory_budget is only supported inside a torch.compile region")
    yield


class _Mutable:
    """What `allow_mutation_on_saved_tensors` keeps: copies of saved tensors that were modified since."""

    def __init__(self) -> None:
        self.cloned: dict[Any, Tensor] = {}
        self.original: dict[int, list[Any]] = {}

    def clear(self) -> None:
        """Forgets everything."""
        self.cloned.clear()
        self.original.clear()


class _Key:
    __slots__ = ("__weakref__", "array", "cell", "copy", "version")


@contextlib.contextmanager
def allow_mutation_on_saved_tensors() -> Iterator[_Mutable]:
    """A context in which tensors saved for backward may be modified in place: the saved value is copied first."""
    kept, active = _Mutable(), [True]
    keys: list[weakref.ref[_Key]] = []

    def pack(x: Tensor) -> Any:
        key = _Key()
        key.array, key.cell, key.version, key.copy = x._data, x._cell, x._cell[0], None
        keys.append(weakref.ref(key))
        return key

    def unpack(key: _Key) -> Tensor:
        if not active[0]:
            raise AssertionError(
                "Trying to backward outside of the 'allow_mutation_on_saved_tensors' context in which the graph was "
                "originally recorded."
            )
        return wrap(key.array if key.copy is None else key.copy)

    def before_write(x: Tensor) -> None:
        for reference in keys:
            key = reference()
            if key is not None and key.copy is None and key.cell is x._cell:
                key.copy = key.array.copy()

    with saved_tensors_hooks(pack, unpack):
        state.before_write = (*state.before_write, before_write)
        try:
            yield kept
        finally:
            kept.clear()
            active[0] = False
            state.before_write = state.before_write[:-1]
