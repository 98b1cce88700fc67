"""The node of a custom function, which is the `ctx` of its `backward`: what `forward` leaves there, and how the
user's backward is called and checked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from refgrad.backends import namespace
from refgrad.graph import FREED, Node, check_versions, sequence
from refgrad.modes import state
from refgrad.rules import conform
from refgrad.saved import SavedTensor
from refgrad.tensor import Tensor, gradient_edge, wrap


class FunctionCtx:
    """What `forward` leaves for `backward`: saved tensors, flags, and any attribute."""

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keeps the tensors, with the checks that saved tensors get; the last call counts."""
        self._to_save = tensors

    def save_for_forward(self, *tensors: Tensor | None) -> None:
        """Keeps the tensors for `jvp`."""
        self._for_forward = tensors

    def mark_dirty(self, *args: Tensor) -> None:
        """Says which inputs `forward` modified in place."""
        self._dirty = args

    def mark_non_differentiable(self, *args: Tensor) -> None:
        """Says which outputs have no derivative."""
        self._constant = args

    def set_materialize_grads(self, value: bool) -> None:
        """Whether gradients that did not arrive are given to `backward` as zeros (the default) or as None."""
        self._materialize = value


class FunctionNode(FunctionCtx, Node):
    """The node of a custom function; it is the `ctx` of `backward`."""

    on_tensors = True
    _function: Any = None
    _to_save: tuple[Any, ...] = ()
    _for_forward: tuple[Any, ...] = ()
    _dirty: tuple[Any, ...] = ()
    _constant: tuple[Any, ...] = ()
    _materialize = True
    _kept: list[Any] | None = None
    _cleared = False
    _has_gradient: tuple[bool, ...] = ()  # of each output
    needs_input_grad: tuple[bool, ...] = ()

    def __init__(self) -> None:
        self.op = self.plan = self.hooks = self.metadata_ = self.saved = self.trace = None
        self.args = self.attrs = self.xs = self.y = None
        self.shape = self.dtype = None
        self.edges, self.metas, self.checks = (), (), ()
        self.sequence = next(sequence)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @property
    def next_functions(self) -> tuple[tuple[Any, int], ...]:
        """The edges of the tensor inputs."""
        return tuple(
            (None, 0) if e is None else (e[0].named(), e[1])
            for e, is_tensor in zip(self.edges, self.args, strict=True)
            if is_tensor
        )

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """What `save_for_backward` kept, after checking that nothing was modified since."""
        if self._kept is None:
            return tuple(self._for_forward or self._to_save)
        check_versions(self)
        if self._cleared:
            raise RuntimeError(
                "Trying to access saved tensors a second time: clear_saved_tensors_on_access=True freed them when "
                "they were first accessed."
            )
        found = tuple(None if one is None else one() for one in self._kept)
        if getattr(self._function, "clear_saved_tensors_on_access", False):
            self._cleared = True
        return found

    def release(self) -> None:
        """Drops what was saved."""
        if self._kept:
            self._kept, self._to_save, self._for_forward = [], (), ()
            self.checks = FREED
            self.saved = None

    def saved_by_name(self, key: str, raw: bool) -> Any:
        """Custom functions have no named saved values."""
        raise AttributeError(f"{type(self).__name__!r} object has no attribute '_saved_{key}'")

    def keep(self, inputs: tuple[Any, ...], outputs: tuple[Any, ...]) -> None:
        """Turns what was handed to `save_for_backward` into saved tensors."""
        self._kept, checks = [], []
        for x in self._to_save:
            if x is None:
                self._kept.append(None)
                continue
            if x._inference and not state.inference:
                raise RuntimeError("Inference tensors cannot be saved for backward.")
            place = next((i for i, o in enumerate(outputs) if o is x), None)
            self._kept.append(self._reader(x, place))
            if not state.saved_hooks:
                checks.append((x._cell, x._cell[0]))
        self.checks = checks
        self._to_save = self._for_forward = ()

    def _reader(self, x: Tensor, place: int | None) -> Callable[[], Tensor]:
        """A function that gives the saved tensor back, at its place in the graph."""
        if state.saved_hooks:
            pack, unpack = state.saved_hooks[-1]
            one = SavedTensor.__new__(SavedTensor)
            one.node, one.position, one.tangents = self, None, None
            one._pack(bare(x) if place is not None else x, pack, unpack)
            data = None
        elif place is None:
            return lambda: x
        else:
            one, data = None, x._data
        where = None if place is not None else gradient_edge(x)
        tangents, level, cell = x._tangents, x._level, x._cell
        if level is not None:
            return lambda: x

        def read() -> Tensor:
            y = wrap(one.open() if one is not None else data)
            y._cell, y._tangents = cell, tangents
            y._edge = (
                (self, place)
                if place is not None and self.metas[place] is not None and self._has_gradient[place]
                else where
            )
            return y

        return read

    def pull_tensors(self, run: Any, g: Any) -> list[Any]:
        """The gradients of all inputs, by the function's backward."""
        grads = list(g) if isinstance(g, list) else [g] * len(self.metas)
        lifted = [None if p is None else p if isinstance(p, Tensor) else wrap(p) for p in grads]
        if self._materialize:
            given = next((p for p in lifted if p is not None), None)
            xp = namespace(None if given is None else given._data)
            lifted = [
                wrap(xp.zeros(*meta)) if p is None and meta is not None else p
                for p, meta in zip(lifted, self.metas, strict=True)
            ]
        found = self._call(lifted)
        return [None if c is None else run._lower(c) for c in self._checked(found)]

    def _call(self, grads: list[Any]) -> Any:
        function = self._function
        own_backward, own_vjp = function._has_own("backward"), function._has_own("vjp")
        if own_backward and own_vjp:
            raise RuntimeError(
                "Implementing both 'backward' and 'vjp' for a custom Function is not allowed. You should only "
                "implement one of them."
            )
        backward = function.vjp if own_vjp else function.backward
        if getattr(function, "boxed_grads_call", False):
            return backward(self, grads)
        return backward(self, *grads)

    def _checked(self, found: Any) -> list[Any]:
        found = tuple(found) if isinstance(found, (tuple, list)) else (found,)
        name, expected = type(self).__name__, len(self.edges)
        if len(found) > expected and all(c is None for c in found[expected:]):
            found = found[:expected]
        if len(found) != expected:
            raise RuntimeError(
                f"function {name} returned an incorrect number of gradients (expected {expected}, got {len(found)})"
            )
        for i, c in enumerate(found):
            if c is None:
                continue
            if not self.args[i]:
                raise RuntimeError(
                    f"function {name} returned a gradient different from None at position {i + 1}, but the "
                    "corresponding forward input was "
                    "not a Variable"
                )
            if not isinstance(c, Tensor):
                raise RuntimeError(
                    f"function {name} returned a gradient of type {type(c).__name__} at position {i + 1}, expected a "
                    "Tensor or None"
                )
        return [self._fitted(i, c) for i, c in enumerate(found)]

    def _fitted(self, i: int, c: Any) -> Any:
        e = self.edges[i]
        if c is None or e is None:
            return None
        shape, dtype = (e[0].shape, e[0].dtype) if e[0].metas is None else e[0].metas[e[1]]
        have = c._data.shape
        if have != shape and not _sums_to(have, shape):
            raise RuntimeError(
                f"Function {type(self).__name__} returned an invalid gradient at index {i} - got {list(have)} but "
                "expected shape compatible "
                f"with {list(shape)}"
            )
        return conform(c, shape, dtype)


def bare(x: Tensor) -> Tensor:
    """The same elements outside the graph, with the version that they share."""
    y = wrap(x._data)
    y._cell = x._cell
    return y


def _sums_to(large: tuple[int, ...], small: tuple[int, ...]) -> bool:
    return len(large) >= len(small) and all(s in (1, n) for s, n in zip(reversed(small), reversed(large), strict=False))
