"""Reading and writing by position."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from refgrad import dtypes
from refgrad.api.forms import number_for, one_dim, operand
from refgrad.api.naming import recorded_as
from refgrad.backends import beside, namespace
from refgrad.inplace import in_place
from refgrad.ops import indexing as ops
from refgrad.rules import reshape, where
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
    if type(index) is int and x._level is None and (shape := x._data.shape) and -shape[0] <= index < shape[0]:
        return Tensor.__apply__(ops.getitem, (x,), {"index": (index, *(slice(None),) * (len(shape) - 1))})
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
                    at.append(wrap(i._data.reshape(1).nonzero()[0]))
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
        target = (
            x if all(_covers(i, n) for i, n in zip(filled, x.shape, strict=False)) else ops.getitem(x, index=filled)
        )
        in_place(target, lambda y: _fitted(value, y))
        return
    if (
        len(filled) == 1
        and isinstance(filled[0], Tensor)
        and filled[0].dtype.name == "bool"
        and (not isinstance(value, Tensor) or not value.ndim)
    ):
        in_place(x, lambda y: recorded_as("IndexPutBackward0")(where)(filled[0], _plain_value(value, y), y))
        return
    basic, at = _separated(filled)
    target = ops.getitem(x, index=basic) if any(i != slice(None) for i in basic) else x
    in_place(target, lambda y: ops.index_put(y, _as_tensor(value, y), *at, accumulate=False))


def _plain_value(value: Any, like: Tensor) -> Any:
    return _cast(value, like) if isinstance(value, Tensor) else number_for(like, value)


def _covers(i: Any, n: int) -> bool:
    """Whether a part of an index is all of a dimension of size `n`."""
    return isinstance(i, slice) and i.indices(n) == (0, n, 1)


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

        return recorded_as("FillBackward3")(fill)(y, number_for(y, value))
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
    if not input.ndim:
        raise RuntimeError("narrow() cannot be applied to a 0-dim tensor.")
    start = int(start.item()) if isinstance(start, Tensor) else start
    dim = one_dim(dim, input.ndim)
    size = input.shape[dim]
    if length < 0:
        raise RuntimeError("narrow(): length must be non-negative.")
    if not -size <= start <= size:
        raise IndexError(
            f"Dimension out of range (expected to be in range of [{-size}, {size}], but got start of {start})"
        )
    start += size if start < 0 else 0
    if start + length > size:
        raise RuntimeError(f"start ({start}) + length ({length}) exceeds dimension size ({size}).")
    return ops.narrow(input, dim=dim, start=start, length=length)


def gather(input: Tensor, dim: int, index: Tensor, *, sparse_grad: bool = False) -> Tensor:
    """The elements at the positions along a dimension."""
    if sparse_grad:
        raise NotImplementedError("gather(sparse_grad=True): refgrad has no sparse tensors; leave sparse_grad=False")
    return ops.gather(input, index, dim=one_dim(dim, input.ndim))


def scatter(
    input: Tensor, dim: int, index: Tensor, src: Any = None, *, value: Any = None, reduce: str | None = None
) -> Tensor:
    """A copy with the source's elements written at the positions along a dimension."""
    src = value if src is None else src
    if reduce == "add":
        return ops.scatter_add(input, index, src, dim=one_dim(dim, input.ndim))
    return ops.scatter(input, index, src, dim=one_dim(dim, input.ndim))


def scatter_add(input: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
    """A copy with the source's elements added at the positions along a dimension."""
    return ops.scatter_add(input, index, src, dim=one_dim(dim, input.ndim))


def index_select(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """The slices at the positions along a dimension."""
    return ops.index_select(input, index, dim=one_dim(dim, input.ndim))


def index_add(input: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: Any = 1) -> Tensor:
    """A copy with slices of the source added at the positions along a dimension."""
    if not input.ndim and source.ndim:
        raise RuntimeError(
            "source tensor shape must match self tensor shape, excluding the specified dimension. Got self.shape = [] "
            f"source.shape = {list(source.shape)}"
        )
    return ops.index_add(input, index, source, dim=one_dim(dim, input.ndim), alpha=alpha)


def index_copy(input: Tensor, dim: int, index: Tensor, source: Tensor) -> Tensor:
    """A copy with slices of the source written at the positions along a dimension."""
    dim = one_dim(dim, input.ndim)
    if input.ndim and source.ndim and input.ndim != source.ndim:
        raise IndexError(
            "index_copy_(): When source and destination are not scalars, their dimensionality must match. Source "
            f"dimensionality ({source.ndim}), destination dimensionality ({input.ndim})"
        )
    size = source.shape[dim] if source.ndim else 1
    if index.numel() != size:
        raise IndexError(
            f"index_copy_(): Number of indices ({index.numel()}) should be equal to source.size(dim) ({size})"
        )
    if source.ndim and any(n != m for d, (n, m) in enumerate(zip(input.shape, source.shape, strict=False)) if d != dim):
        raise RuntimeError(
            "index_copy_(): Source/destination tensor must have same slice shapes. Got self.shape = "
            f"{list(input.shape)} source.shape = {list(source.shape)}"
        )
    if not input.ndim:
        return _as_vector(
            input, lambda x: ops.index_copy(x, reshape(index, shape=(1,)), reshape(source, shape=(1,)), dim=0)
        )
    return ops.index_copy(input, reshape(index, shape=(index.numel(),)), source, dim=dim)


def _as_vector(x: Tensor, function: Callable[[Tensor], Tensor]) -> Tensor:
    """What a function that needs a dimension makes of a scalar: a scalar again."""
    return recorded_as("IndexCopyBackward0")(lambda: reshape(function(reshape(x, shape=(1,))), shape=()).clone())()


def index_put(input: Tensor, indices: Any, values: Any, accumulate: bool = False) -> Tensor:
    """A copy with the values written, or added, at the index tensors."""
    _, at = _separated(_canonical(input, tuple(indices)))
    return ops.index_put(input, _as_tensor(values, input), *at, accumulate=accumulate)


def _masked_fill_title(y: Tensor, input: Tensor, mask: Tensor, value: Any) -> str:
    return "MaskedFillBackward1" if isinstance(value, Tensor) else "MaskedFillBackward0"


@recorded_as(_masked_fill_title)
def masked_fill(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    """A copy with the value where the mask is true."""
    if isinstance(value, Tensor) and value.ndim:
        raise RuntimeError(
            f"masked_fill_ only supports a 0-dimensional value tensor, but got tensor with {value.ndim} dimension(s)."
        )
    return where(mask, _cast(value, input) if isinstance(value, Tensor) else number_for(input, value), input)


@recorded_as("MaskedSelectBackward0")
def masked_select(input: Tensor, mask: Tensor) -> Tensor:
    """The elements where the mask is true."""
    input, mask = _broadcast(input, mask)
    return getitem(input, mask)


@recorded_as("MaskedScatterBackward0")
def masked_scatter(input: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    """A copy with the source's elements, in order, where the mask is true; input and mask are broadcast."""
    if mask.dtype.name != "bool":
        raise RuntimeError(f"masked_scatter_ only supports boolean masks, but got mask with dtype {mask.dtype}")
    if source.dtype != input.dtype:
        raise RuntimeError(
            f"masked_scatter: expected self and source to have same dtypes but got {input.dtype} and {source.dtype}"
        )
    input, mask = _broadcast(input, mask)
    if not input.ndim:
        return _as_vector(input, lambda x: masked_scatter(x, reshape(mask, shape=(1,)), source))
    found = [wrap(f) for f in mask._data.nonzero()]
    count = found[0].numel()
    if count > source.numel():
        raise RuntimeError("masked_scatter: Number of elements of source < number of ones in mask")
    values = ops.getitem(reshape(source, shape=(source.numel(),)), index=(slice(count),))
    return ops.index_put(input, values, *found, accumulate=False)


def _broadcast(x: Tensor, y: Tensor) -> tuple[Tensor, ...]:
    from refgrad.api.joining import broadcast_tensors

    return broadcast_tensors(x, y)


@recorded_as("SelectScatterBackward0")
def select_scatter(input: Tensor, src: Tensor, dim: int, index: int) -> Tensor:
    """A copy with one slice along a dimension replaced."""
    return ops.setitem(input, src, index=(*(slice(None),) * one_dim(dim, input.ndim), index))


def slice_scatter(
    input: Tensor, src: Tensor, dim: int = 0, start: Any = None, end: Any = None, step: int = 1
) -> Tensor:
    """A copy with the slices from `start` to `end` replaced."""
    return ops.setitem(input, src, index=(*(slice(None),) * one_dim(dim, input.ndim), slice(start, end, step)))


def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """A one at each position given, in a last dimension of zeros: of `num_classes`, or as many as the largest asks for.

    *errors*: RuntimeError for what is no position, and where there is none to count by.
    """
    if tensor.dtype != dtypes.int64:
        raise RuntimeError("one_hot is only applicable to index tensor of type LongTensor.")
    if not tensor.numel() and num_classes <= 0:
        raise RuntimeError("Can not infer total number of classes from empty tensor.")
    if (tensor < 0).any():
        raise RuntimeError("Class values must be non-negative.")
    n = int(tensor._data.max()) + 1 if num_classes == -1 else num_classes
    if (tensor >= n).any():
        raise RuntimeError("Class values must be smaller than num_classes.")
    return wrap((tensor._data[..., None] == beside(_array(range(n)), tensor._data)).astype("int64"))
