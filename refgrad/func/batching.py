"""Tensors with a dimension that the function does not see: what `vmap` hands to it, and how operators treat them.

Operators that act on each element, and those whose dimensions only have to be counted anew, run once on the whole
batch;
all others run example by example.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from refgrad import creation, inplace
from refgrad import gradients as engine
from refgrad.function import Function
from refgrad.modes import batching, state
from refgrad.ops.indexing import getitem
from refgrad.ops.shape import permute, stack
from refgrad.rules import Constant, Elementwise, Operator, expand, reshape
from refgrad.tensor import Tensor, wrap


class Level(NamedTuple):
    """A running vmap."""

    number: int
    size: int
    randomness: str


class Batched(Tensor):
    """A tensor of one example; `_value` holds all of them, along its first dimension."""

    _value: Tensor

    @property
    def requires_grad(self) -> bool:
        """Whether gradients are computed for the batch."""
        return self._value.requires_grad

    @property
    def grad_fn(self) -> Any:
        """The node that made the batch."""
        return self._value.grad_fn

    @property
    def is_leaf(self) -> bool:
        """Whether no recorded operation made the batch."""
        return self._value.is_leaf

    def _detached(self) -> Tensor:
        return batched(self._value._detached(), self._level)


def batched(value: Tensor, level: int) -> Batched:
    """The examples of `value` as one tensor."""
    x = wrap(value._data, Batched)
    data = value._data
    x._data = (
        data[0, ...] if data.shape[0] else data.reshape(data.shape[1:] if 0 in data.shape[1:] else (0, *data.shape[1:]))
    )
    x._cell = value._cell
    x._value, x._level = value, level
    return x


def at_level(x: Any, level: int) -> bool:
    """Whether `x` is batched at this level."""
    return isinstance(x, Tensor) and x._level == level


def top_level(xs: Sequence[Any]) -> int:
    """The innermost level at which any of these is batched."""
    return max(x._level for x in xs if isinstance(x, Tensor) and x._level is not None)


def size_of(level: int) -> int:
    """The number of examples."""
    return next(v.size for v in state.vmaps if v.number == level)


def full_value(x: Tensor, level: int) -> Tensor:
    """All examples of `x`: the same one many times if it is not batched."""
    if at_level(x, level):
        return x._value
    return expand(reshape(x, shape=(1, *x.shape)), shape=(size_of(level), *x.shape))


# --- operators --------------------------------------------------------------------------------------------------------

_POINTWISE = {
    "where",
    "cast",
    "conj",
    "real",
    "imag",
    "complex",
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
    "isnan",
    "isinf",
    "isfinite",
    "logical_and",
    "logical_or",
    "logical_xor",
    "logical_not",
    "bitwise_and",
    "bitwise_or",
    "bitwise_xor",
    "bitwise_not",
    "zeros_like",
    "clone",
    "alias",
    "isclose",
    "sgn",
    "angle",
}


def apply_batched(op: Operator, args: Sequence[Any], attrs: dict[str, Any]) -> Any:
    """The operator on all examples."""
    level = top_level(args)
    if op.name == "nonzero":
        raise RuntimeError(f"vmap: We do not support batching operators that can output dynamic shape: {op.name}.")
    shifted = _SHIFTED.get(op.name)
    if isinstance(op, (Elementwise, Constant)) or op.name in _POINTWISE:
        y = op(*_aligned(args, level), **attrs)
    elif shifted is not None and at_level(args[0], level) and sum(isinstance(a, Tensor) for a in args) == 1:
        y = op(args[0]._value, *args[1:], **shifted(args[0], attrs))
    elif op.name == "matmul" and all(a.ndim >= 2 for a in args):
        y = op(*_aligned(args, level))
    else:
        y = _one_by_one(op, args, attrs, level)
    return tuple(batched(p, level) for p in y) if isinstance(y, tuple) else batched(y, level)


def _aligned(args: Sequence[Any], level: int) -> list[Any]:
    """The batches with their other dimensions aligned from the last, as broadcasting wants them."""
    rank = max(a.ndim for a in args if isinstance(a, Tensor))
    found = []
    for a in args:
        if at_level(a, level) and a.ndim < rank:
            v = a._value
            found.append(reshape(v, shape=(v.shape[0], *(1,) * (rank - a.ndim), *a.shape)))
        else:
            found.append(a._value if at_level(a, level) else a)
    return found


def _one_by_one(op: Operator, args: Sequence[Any], attrs: dict[str, Any], level: int) -> Any:
    rows = [op(*(_example(a, i, level) for a in args), **attrs) for i in range(size_of(level))]
    if isinstance(rows[0], tuple):
        return tuple(stack(*column, dim=0) for column in zip(*rows, strict=True))
    return stack(*rows, dim=0)


def _example(a: Any, i: int, level: int) -> Any:
    return getitem(a._value, index=(i,)) if at_level(a, level) else a


def _dims_shifted(x: Tensor, attrs: dict[str, Any]) -> dict[str, Any]:
    dim = attrs["dim"]
    dims = range(x.ndim) if dim is None else dim
    return {**attrs, "dim": tuple(d % x.ndim + 1 for d in dims) if x.ndim else ()}


_SHIFTED: dict[str, Callable[[Tensor, dict[str, Any]], dict[str, Any]]] = {
    "sum": _dims_shifted,
    "mean": _dims_shifted,
    "amax": _dims_shifted,
    "amin": _dims_shifted,
    "squeeze": _dims_shifted,
    "reshape": lambda x, attrs: {"shape": (x._value.shape[0], *attrs["shape"])},
    "view": lambda x, attrs: {"shape": (x._value.shape[0], *attrs["shape"])},
    "transpose": lambda x, attrs: {"dim0": attrs["dim0"] % x.ndim + 1, "dim1": attrs["dim1"] % x.ndim + 1},
    "permute": lambda x, attrs: {"dims": (0, *(d % x.ndim + 1 for d in attrs["dims"]))},
    "unsqueeze": lambda x, attrs: {"dim": attrs["dim"] % (x.ndim + 1) + 1},
    "getitem": lambda x, attrs: {"index": (slice(None), *attrs["index"])},
    "mT": lambda x, attrs: attrs,
}
_SHIFTED["expand"] = lambda x, attrs: (
    {"shape": (x._value.shape[0], *attrs["shape"])} if len(attrs["shape"]) == x.ndim else _no()
)


def _no() -> dict[str, Any]:
    raise _Unshiftable


class _Unshiftable(Exception):
    pass


def _dispatch(op: Operator, args: Sequence[Any], attrs: dict[str, Any]) -> Any:
    try:
        return apply_batched(op, args, attrs)
    except _Unshiftable:
        level = top_level(args)
        return batched(_one_by_one(op, args, attrs, level), level)


batching.operator = _dispatch


# --- modifying in place -----------------------------------------------------------------------------------------------


def _in_place_batched(x: Tensor, compute: Callable[[Tensor], Any]) -> Tensor:
    level = x._level
    inplace.in_place(x._value, lambda v: _of_same_level(compute(batched(v, level)), level))
    return x


def _of_same_level(y: Tensor, level: int) -> Tensor:
    if y._level is not None and y._level > level:
        raise_unbatched()
    return full_value(y, level)


def raise_unbatched() -> None:
    """PyTorch's error for a batch written into one tensor."""
    raise RuntimeError(
        "vmap: inplace arithmetic(self, *extra_args) is not possible because there exists a Tensor `other` in "
        "extra_args that has more "
        "elements than `self`. This happened due to `other` being vmapped over but `self` not being vmapped over in "
        "a vmap."
    )


batching.in_place = _in_place_batched


# --- gradients --------------------------------------------------------------------------------------------------------


def _grad_batched(
    outs: list[Any], wanted: list[Any], grads: Any, retain: bool, create: bool, allow_unused: bool, materialize: bool
) -> tuple[Any, ...]:
    """Gradients of batched tensors: those of the batch, since examples do not depend on each other."""
    given = [None] * len(outs) if grads is None else [grads] if isinstance(grads, Tensor) else list(grads)
    level = top_level([x for x in (*outs, *wanted, *given) if isinstance(x, Tensor)])
    options = {
        "retain_graph": retain,
        "create_graph": create,
        "allow_unused": allow_unused,
        "materialize_grads": materialize,
    }
    if not any(at_level(x, level) for x in (*outs, *wanted)):
        seeds = [full_value(engine._seed(0, o, g) if g is None else g, level) for o, g in zip(outs, given, strict=True)]
        found = engine.grad(outs, wanted, seeds, is_grads_batched=True, **options)
        return tuple(None if g is None else batched(g, level) for g in found)
    seeds = []
    for i, (o, g) in enumerate(zip(outs, given, strict=True)):
        if g is None and o.numel() != 1:
            raise RuntimeError("grad can be implicitly created only for scalar outputs")
        seeds.append(creation.ones_like(full_value(o, level)) if g is None else full_value(g, level))
        del i
    inner = [x._value if at_level(x, level) else x for x in wanted]
    found = engine.grad([full_value(o, level) for o in outs], inner, seeds, **options)
    return tuple(
        None if g is None else batched(g, level) if at_level(x, level) else g
        for g, x in zip(found, wanted, strict=True)
    )


batching.grad = _grad_batched


# --- custom functions -------------------------------------------------------------------------------------------------


class VmapInfo(NamedTuple):
    """What a custom function's `vmap` is told about the running vmap."""

    batch_size: int
    randomness: str


def apply_batched_function(cls: type[Function], args: tuple[Any, ...]) -> Any:
    """A custom function on all examples, by its own rule or example by example."""
    own = cls.vmap is not Function.vmap
    if cls.generate_vmap_rule and own:
        raise RuntimeError(
            f"You tried to vmap over {cls.__name__}, but it has both generate_vmap_rule=True and an overriden vmap "
            "staticmethod. Please set "
            "generate_vmap_rule=False or delete the overriden vmap staticmethod to avoid ambiguity."
        )
    level = top_level(args)
    if own:
        return _by_own_rule(cls, args, level)
    if not cls.generate_vmap_rule:
        raise RuntimeError(
            f"You tried to vmap over {cls.__name__}, but it does not have vmap support. Please override and "
            "implement the vmap staticmethod "
            "or set generate_vmap_rule=True."
        )
    rows = [cls.apply(*(_example(a, i, level) for a in args)) for i in range(size_of(level))]
    if isinstance(rows[0], tuple):
        return tuple(batched(stack(*column, dim=0), level) for column in zip(*rows, strict=True))
    return batched(stack(*rows, dim=0), level)


batching.function = apply_batched_function


def _by_own_rule(cls: type[Function], args: tuple[Any, ...], level: int) -> Any:
    info = next(VmapInfo(v.size, v.randomness) for v in state.vmaps if v.number == level)
    in_dims = tuple(0 if at_level(a, level) else None for a in args)
    output, out_dims = cls.vmap(info, in_dims, *(a._value if at_level(a, level) else a for a in args))
    if isinstance(output, tuple):
        dims = out_dims if isinstance(out_dims, tuple) else (out_dims,) * len(output)
        return tuple(_wrapped(o, d, level) for o, d in zip(output, dims, strict=True))
    return _wrapped(output, out_dims, level)


def _wrapped(x: Any, dim: int | None, level: int) -> Any:
    return x if dim is None or not isinstance(x, Tensor) else batched(front(x, dim), level)


def front(x: Tensor, dim: int) -> Tensor:
    """`x` with this dimension first."""
    dim %= x.ndim
    return x if dim == 0 else permute(x, dims=(dim, *(d for d in range(x.ndim) if d != dim)))


# --- random numbers ---------------------------------------------------------------------------------------------------


def _random(draw: Callable[[tuple[int, ...]], Tensor], shape: tuple[int, ...]) -> Tensor:
    top = state.vmaps[-1]
    if top.randomness == "error":
        raise RuntimeError(
            "vmap: called random operation while in randomness error mode. Please either use the 'same' or "
            "'different' randomness flags on "
            "vmap or perform the randomness operation out of vmap"
        )
    return draw(shape) if top.randomness == "same" else batched(draw((top.size, *shape)), top.number)


batching.random = _random
