"""Operations with derivatives of the user's own: `Function`, how it is called, and what becomes of its outputs."""

from __future__ import annotations

import inspect
import traceback
import warnings
from collections.abc import Callable
from typing import Any

from refgrad.backends import namespace
from refgrad.function_node import FunctionCtx, FunctionNode, bare
from refgrad.inplace import check_history, move, rebase
from refgrad.modes import batching, no_grad, state
from refgrad.once import once_differentiable
from refgrad.rules import zeros_like
from refgrad.tangents import below
from refgrad.tensor import Tensor, gradient_edge, requires_grad
from refgrad.views import CUSTOM, MULTIPLE

__all__ = ["Function", "FunctionCtx", "FunctionNode", "InplaceFunction", "once_differentiable"]


class _FunctionMeta(type):
    """Gives each custom function the type of its nodes."""

    def __init__(cls, name: str, bases: tuple[type, ...], members: dict[str, Any]) -> None:
        super().__init__(name, bases, members)
        cls._backward_cls = type(f"{name}Backward", (FunctionNode,), {"_function": cls})


class Function(metaclass=_FunctionMeta):
    """An operation with a derivative of its own: static methods `forward`, `backward`, and if wanted `setup_context`,
    `jvp`, `vmap`.

    >>> class Twice(Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         return x * 2
    ...
    ...     @staticmethod
    ...     def backward(ctx, g):
    ...         return g * 2
    """

    generate_vmap_rule = False

    def __init__(self, *_: Any, **__: Any) -> None:
        warnings.warn(
            f"{type(self)} should not be instantiated. Methods on autograd functions are all static, so you should "
            "invoke them on the class "
            "itself. Instantiating an autograd function will raise an error in a future version of PyTorch.",
            DeprecationWarning,
            stacklevel=2,
        )

    def __call__(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError(
            "Legacy autograd function with non-static forward method is deprecated. Please use new-style autograd "
            "function with static "
            "forward method."
        )

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """Computes; to be written."""
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        """Leaves in `ctx` what `backward` needs; to be written where `forward` takes no `ctx`."""
        raise NotImplementedError("setup_context is not implemented.")

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """Gives the gradients of the inputs; to be written."""
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom autograd.Function to use it with "
            "backward mode AD."
        )

    vjp = backward

    @staticmethod
    def jvp(ctx: Any, *grad_inputs: Any) -> Any:
        """Gives the tangents of the outputs; to be written for forward mode."""
        raise NotImplementedError(
            "You must implement the jvp function for custom autograd.Function to use it with forward mode AD."
        )

    @staticmethod
    def vmap(info: Any, in_dims: Any, *args: Any) -> Any:
        """Computes a batch; to be written for `torch.vmap`."""
        raise NotImplementedError(
            "To use autograd.Function with vmap, you must either override the vmap staticmethod or set "
            "generate_vmap_rule=True."
        )

    @classmethod
    def _has_own(cls, method: str) -> bool:
        """Whether a subclass has written this method."""
        return getattr(cls, method) is not getattr(Function, method)

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """The function's result, recorded with its own backward."""
        separate = cls.setup_context is not Function.setup_context
        if kwargs:
            args = _bound(cls.forward, args, kwargs, separate)
        if state.transforms:
            if not separate:
                raise RuntimeError(
                    "In order to use an autograd.Function with functorch transforms (vmap, grad, jvp, jacrev, ...), "
                    "it must override the "
                    "setup_context staticmethod. For more details, please see "
                    "https://pytorch.org/docs/main/notes/extending.func.html"
                )
            if any(isinstance(a, Tensor) and a._level is not None for a in args):
                return batching.function(cls, args)
        return _applied(cls, args, separate=separate)


class InplaceFunction(Function):
    """Kept for old code."""


def _bound(
    forward: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], separate: bool
) -> tuple[Any, ...]:
    bound = inspect.signature(forward).bind(*(args if separate else (None, *args)), **kwargs)
    bound.apply_defaults()
    return bound.args if separate else bound.args[1:]


def _applied(cls: type[Function], args: tuple[Any, ...], *, separate: bool) -> Any:
    node = cls._backward_cls()
    recording = state.grad and not state.inference
    node.needs_input_grad = tuple(isinstance(a, Tensor) and a.requires_grad for a in args)
    needed = recording and any(node.needs_input_grad)
    if needed:
        node.edges = tuple(gradient_edge(a) if isinstance(a, Tensor) else None for a in args)
    before = state.forward
    state.forward = False
    try:
        with no_grad():
            output = cls.forward(*args) if separate else cls.forward(node, *args)
            if separate:
                cls.setup_context(node, args, output)
    finally:
        state.forward = before
    outputs = output if isinstance(output, tuple) else (output,)
    for x in node._to_save:
        if x is not None and not isinstance(x, Tensor):
            raise TypeError(f"save_for_backward can only save variables, but argument 0 is of type {type(x).__name__}")
    tangents = state.levels and state.forward and any(isinstance(a, Tensor) and a._tangents for a in args)
    outputs = _placed(node, args, outputs, needed=needed)
    if needed:
        node.keep(args, outputs)
        if state.anomaly:
            node.trace = (traceback.extract_stack()[:-2], state.evaluating)
    if tangents:
        _push(cls, node, args, outputs)
    return outputs if isinstance(output, tuple) else outputs[0]


def _placed(node: FunctionNode, args: tuple[Any, ...], outputs: tuple[Any, ...], *, needed: bool) -> tuple[Any, ...]:  # noqa: C901 - one case after the other
    """The outputs as results of the node: modified inputs keep their identity, returned inputs become views."""
    dirty, constant = {id(x) for x in node._dirty}, {id(x) for x in node._constant}
    inputs = {id(a) for a in args if isinstance(a, Tensor)}
    node.args = tuple(isinstance(a, Tensor) for a in args)
    if needed:
        node.metas = tuple((o._data.shape, o._data.dtype) if isinstance(o, Tensor) else None for o in outputs)
    for x in node._dirty:
        if id(x) not in {id(o) for o in outputs}:
            warnings.warn("a tensor marked dirty is not an output of forward", UserWarning, stacklevel=4)
    found, has_gradient = [], []
    for i, o in enumerate(outputs):
        if not isinstance(o, Tensor):
            found.append(o)
            has_gradient.append(False)
            continue
        differentiable = needed and id(o) not in constant and o._data.dtype.kind in "fcV"
        has_gradient.append(differentiable)
        if id(o) in dirty:
            o = _dirtied(node, i, o, differentiable)  # noqa: PLW2901
            found.append(o if differentiable or not requires_grad(o) else o._detached())
            continue
        if id(o) in inputs:
            o = o._detached() if not differentiable and requires_grad(o) else _returned(o)  # noqa: PLW2901
        elif o._edge is not None and (differentiable or id(o) in constant):
            o = bare(o)  # noqa: PLW2901
        if differentiable:
            o._edge, o._requires, o._seen = (node, i), False, o._cell[0]
        if o._base is not None:
            o._creation = CUSTOM
        found.append(o)
    node._has_gradient = tuple(has_gradient)
    for o in found:
        if isinstance(o, Tensor) and o._base is not None and sum(has_gradient) > 1:
            o._creation = MULTIPLE
    return tuple(found)


def _returned(x: Tensor) -> Tensor:
    """An input that `forward` returned as it was: the output is a view of it."""
    y = bare(x)
    y._base, y._seen = x if x._base is None else x._base, x._cell[0]
    return y


def _dirtied(node: FunctionNode, i: int, x: Tensor, differentiable: bool) -> Tensor:
    x._cell[0] += 1
    if differentiable:
        if x._requires:
            raise RuntimeError("a leaf Variable that requires grad has been used in an in-place operation.")
        x._grad = None
        check_history(x)
    if differentiable:
        if x._base is not None:
            y = bare(x)
            y._edge = (node, i)
            rebase(x, y)
        else:
            move(x, (node, i))
    return x


def _push(cls: type[Function], node: FunctionNode, args: tuple[Any, ...], outputs: tuple[Any, ...]) -> None:
    """The tangents of the outputs, by the function's jvp, level by level."""
    levels = sorted(
        {k for a in args if isinstance(a, Tensor) and a._tangents for k in a._tangents if k in state.levels}
    )
    for o in outputs:
        if isinstance(o, Tensor):
            o._tangents = {}
    for level in levels:
        ts = [_tangent(a, level, node) for a in args]
        with no_grad() if not state.grad else _nothing():
            moved = cls.jvp(node, *ts)
        moved = moved if isinstance(moved, tuple) else (moved,)
        if len(moved) != len(outputs):
            raise RuntimeError(f"{cls.__name__}.jvp returned {len(moved)} tangents for {len(outputs)} outputs")
        for o, t in zip(outputs, moved, strict=True):
            if isinstance(o, Tensor) and t is not None:
                _check_view(cls, o, t, args, ts)
                o._tangents[level] = t
    for o in outputs:
        if isinstance(o, Tensor):
            o._tangents = o._tangents or None


def _check_view(cls: type[Function], o: Tensor, t: Tensor, args: tuple[Any, ...], ts: list[Any]) -> None:
    base = o._base
    if base is None:
        return
    source = next(
        (
            s
            for a, s in zip(args, ts, strict=True)
            if isinstance(a, Tensor) and (a is base or a._base is base) and s is not None
        ),
        None,
    )
    if source is not None and not namespace(t._data).may_share_memory(t._data, source._data):
        raise RuntimeError(
            f"jvp of {cls.__name__}: the output is a view of an input, so its tangent must be a view of that input's "
            "tangent"
        )


def _tangent(a: Any, level: Any, node: FunctionNode) -> Any:
    if not isinstance(a, Tensor):
        return None
    t = a._tangents.get(level) if a._tangents else None
    if t is None and node._materialize and a._data.dtype.kind in "fcV":
        return zeros_like(below(a, level))
    return t


class _nothing:  # noqa: N801
    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None
