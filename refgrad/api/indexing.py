"""Reading and writing by position."""

from __future__ import annotations

from typing import Any

from refgrad.api.forms import one_dim, operand
from refgrad.inplace import in_place
from refgrad.ops import indexing as ops
from refgrad.rules import expand, reshape, where
from refgrad.tensor import Tensor, wrap


def _is_basic(i: Any) -> bool:
    return i is None or i is Ellipsis or isinstance(i, slice) or (isinstance(i, int) and not isinstance(i, bool))


def _plain(i: Any) -> Any:
    """One part of an index in plain Python, or as a tensor of positions or booleans."""
    if isinstance(i, slice):
        return slice(*(v.item() if isinstance(v, Tensor) else v for v in (i.start, i.stop, i.step)))
    if _is_basic(i) or (isinstance(i, Tensor) and (i._level is not None or i.ndim or i.dtype.name == "bool")):
        return i
    if isinstance(i, Tensor):
        return int(i.item())
    if isinstance(i, (list, tuple, range)):
        from refgrad.creation import tensor

        return tensor(list(i))
    if isinstance(i, bool):
        return wrap(_array(i))
    return int(i) if not getattr(i, "shape", ()) else wrap(_array(i))


def _array(x: Any) -> Any:
    from refgrad.backends import namespace

    return namespace().asarray(x)


def _canonical(x: Tensor, index: Any) -> tuple[Any, ...]:
    index = tuple(map(_plain, index)) if isinstance(index, tuple) else (_plain(index),)
    used = sum(
        1 if not isinstance(i, Tensor) or i.dtype.name != "bool" else max(i.ndim, 0)
        for i in index
        if i is not None and i is not Ellipsis
    )
    if used > x.ndim:
        if x.ndim == 0:
            raise IndexError(
                "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert "
                "a 0-dim tensor to a number"
            )
        raise IndexError(f"too many indices for tensor of dimension {x.ndim}")
    if not any(i is Ellipsis for i in index):
        index = (*index, Ellipsis)
    at = next(k for k, i in enumerate(index) if i is Ellipsis)
    filled = (*index[:at], *(slice(None),) * (x.ndim - used), *index[at + 1 :])
    dim = 0
    for i in filled:
        if isinstance(i, int) and not isinstance(i, bool):
            n = x.shape[dim]
            if not -n <= i < n:
                raise IndexError(f"index {i} is out of bounds for dimension {dim} with size {n}")
        if isinstance(i, slice) and i.step is not None and i.step <= 0:
            raise ValueError("step must be greater than zero")
        dim += 0 if i is None else (i.ndim if isinstance(i, Tensor) and i.dtype.name == "bool" else 1)
    return filled


def getitem(x: Tensor, index: Any) -> Tensor:
    """The elements at the index: a view for integers and slices, a copy for tensors and lists."""
    filled = _canonical(x, index)
    if all(_is_basic(i) for i in filled):
        return ops.getitem(x, index=filled)
    basic, at = _separated(filled)
    y = ops.getitem(x, index=basic) if any(i != slice(None) for i in basic) else x
    return ops.index(y, *at)


def _separated(filled: tuple[Any, ...]) -> tuple[tuple[Any, ...], list[Any]]:
    """A basic index to apply first, and the index tensors for the dimensions that are left."""
    basic: list[Any] = []
    at: list[Any] = []
    for i in filled:
        if isinstance(i, Tensor):
            if i.dtype.name == "bool":
                if not i.ndim:
                    basic.append(None)
                    at.append(wrap(_array(i._data.reshape(1).nonzero()[0])))
                    continue
                found = i._data.nonzero()
                basic += [slice(None)] * i.ndim
                at += [wrap(f) for f in found]
            else:
                basic.append(slice(None))
                at.append(i)
        else:
            basic.append(i)
            if not isinstance(i, int):
                at.append(None)
    while at and at[-1] is None:
        at.pop()
    return tuple(basic), at


def setitem(x: Tensor, index: Any, value: Any) -> None:
    """Writes the value at the index, in place."""
    filled = _canonical(x, index)
    value = operand(value)
    if all(_is_basic(i) for i in filled):
        target = ops.getitem(x, index=filled) if filled else x
        target._several = False
        in_place(target, lambda y: _fitted(value, y))
        return
    if (
        len(filled) == 1
        and isinstance(filled[0], Tensor)
        and filled[0].dtype.name == "bool"
        and (not isinstance(value, Tensor) or not value.ndim)
    ):
        in_place(x, lambda y: where(filled[0], _cast(value, y), y))
        return
    basic, at = _separated(filled)
    target = ops.getitem(x, index=basic) if any(i != slice(None) for i in basic) else x
    in_place(target, lambda y: ops.index_put(y, _as_tensor(value, y), *at, accumulate=False))


def _as_tensor(value: Any, like: Tensor) -> Tensor:
    if isinstance(value, Tensor):
        return _cast(value, like)
    from refgrad.creation import tensor

    return tensor(value, dtype=like.dtype)


def _cast(value: Any, like: Tensor) -> Any:
    from refgrad.api.shape import to_dtype

    return to_dtype(value, like.dtype) if isinstance(value, Tensor) else value


def _fitted(value: Any, y: Tensor) -> Tensor:
    """The value in the shape and dtype of what it overwrites."""
    if not isinstance(value, Tensor):
        from refgrad.ops.arithmetic import fill

        return fill(y, value)
    value = _cast(value, y)
    while value.ndim > y.ndim and value.shape[0] == 1:
        value = reshape(value, shape=tuple(value.shape[1:]))
    return copied(y, value)


def copied(y: Tensor, value: Tensor) -> Tensor:
    """What `y` holds after the value was copied into it."""
    from refgrad.ops.arithmetic import copy_over

    return copy_over(y, value)


def select(input: Tensor, dim: int, index: int) -> Tensor:
    """One slice along a dimension."""
    return getitem(input, (*(slice(None),) * one_dim(dim, input.ndim), index))


def narrow(input: Tensor, dim: int, start: Any, length: int) -> Tensor:
    """The slices from `start` on, `length` of them."""
    start = int(start.item()) if isinstance(start, Tensor) else start
    dim = one_dim(dim, input.ndim)
    return ops.narrow(input, dim=dim, start=start % max(input.shape[dim], 1) if start < 0 else start, length=length)


def gather(input: Tensor, dim: int, index: Tensor, *, sparse_grad: bool = False) -> Tensor:
    """The elements at the positions along a dimension."""
    return ops.gather(input, index, dim=one_dim(dim, input.ndim))


def scatter(
    input: Tensor, dim: int, index: Tensor, src: Any = None, *, value: Any = None, reduce: str | None = None
) -> Tensor:
    """A copy with the source's elements written at the positions along a dimension."""
    src = value if src is None else src
    if reduce == "add":
        return ops.scatter_add(input, index, src, dim=one_dim(dim, input.ndim))
    if isinstance(src, Tensor) and src.shape != index.shape:
        src = ops.getitem(src, index=tuple(slice(n) for n in index.shape))
    return ops.scatter(input, index, src, dim=one_dim(dim, input.ndim))


def scatter_add(input: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
    """A copy with the source's elements added at the positions along a dimension."""
    if src.shape != index.shape:
        src = ops.getitem(src, index=tuple(slice(n) for n in index.shape))
    return ops.scatter_add(input, index, src, dim=one_dim(dim, input.ndim))


def index_select(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """The slices at the positions along a dimension."""
    return ops.index_select(input, index, dim=one_dim(dim, input.ndim))


def index_add(input: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: Any = 1) -> Tensor:
    """A copy with slices of the source added at the positions along a dimension."""
    return ops.index_add(input, index, source, dim=one_dim(dim, input.ndim), alpha=alpha)


def index_copy(input: Tensor, dim: int, index: Tensor, source: Tensor) -> Tensor:
    """A copy with slices of the source written at the positions along a dimension."""
    return ops.index_copy(input, index, source, dim=one_dim(dim, input.ndim))


def index_fill(input: Tensor, dim: int, index: Tensor, value: Any) -> Tensor:
    """A copy with slices along a dimension filled with a value."""
    dim = one_dim(dim, input.ndim)
    shape = (*input.shape[:dim], index.numel(), *input.shape[dim + 1 :])
    source = expand(value, shape=shape) if isinstance(value, Tensor) else _as_tensor(value, input).expand(shape)
    return ops.index_copy(input, index, source, dim=dim)


def index_put(input: Tensor, indices: Any, values: Any, accumulate: bool = False) -> Tensor:
    """A copy with the values written, or added, at the index tensors."""
    _, at = _separated(_canonical(input, tuple(indices)))
    return ops.index_put(input, _as_tensor(values, input), *at, accumulate=accumulate)


def take(input: Tensor, index: Tensor) -> Tensor:
    """The elements at positions in row-major order."""
    return getitem(reshape(input, shape=(input.numel(),)), index)


def take_along_dim(input: Tensor, indices: Tensor, dim: int | None = None) -> Tensor:
    """The elements at the positions along a dimension, shapes broadcast."""
    if dim is None:
        return gather(reshape(input, shape=(-1,)), 0, reshape(indices, shape=(-1,)))
    dim = one_dim(dim, input.ndim)
    wide = tuple(max(a, b) if i != dim else b for i, (a, b) in enumerate(zip(input.shape, indices.shape, strict=True)))
    tall = tuple(n if i != dim else input.shape[dim] for i, n in enumerate(wide))
    return gather(expand(input, shape=tall), dim, expand(indices, shape=wide))


def masked_fill(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    """A copy with the value where the mask is true."""
    return where(mask, _cast(value, input) if isinstance(value, Tensor) else value, input)


def masked_select(input: Tensor, mask: Tensor) -> Tensor:
    """The elements where the mask is true."""
    from refgrad.api.shape import broadcast_tensors

    input, mask = broadcast_tensors(input, mask)
    return getitem(input, mask)


def masked_scatter(input: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    """A copy with the source's elements, in order, where the mask is true."""
    mask = mask.expand(input.shape)
    found = [wrap(f) for f in mask._data.nonzero()]
    return ops.index_put(
        input,
        ops.getitem(reshape(source, shape=(source.numel(),)), index=(slice(found[0].numel()),)),
        *found,
        accumulate=False,
    )


def select_scatter(input: Tensor, src: Tensor, dim: int, index: int) -> Tensor:
    """A copy with one slice along a dimension replaced."""
    return ops.setitem(input, src, index=(*(slice(None),) * one_dim(dim, input.ndim), index))


def slice_scatter(
    input: Tensor, src: Tensor, dim: int = 0, start: Any = None, end: Any = None, step: int = 1
) -> Tensor:
    """A copy with the slices from `start` to `end` replaced."""
    return ops.setitem(input, src, index=(*(slice(None),) * one_dim(dim, input.ndim), slice(start, end, step)))


def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """A one at each position given, in a last dimension of zeros."""
    n = int(tensor._data.max()) + 1 if num_classes == -1 else num_classes
    return wrap((tensor._data[..., None] == _array(range(n))).astype("int64"))
