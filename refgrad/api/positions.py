"""Elements at positions in row-major order, taken and put; and what an index names along one dimension, filled."""

from __future__ import annotations

from typing import Any

from refgrad.api.forms import number_for, one_dim
from refgrad.api.indexing import gather
from refgrad.api.naming import recorded_as
from refgrad.api.shape import to_dtype
from refgrad.creation import arange
from refgrad.ops import indexing as ops
from refgrad.rules import expand, reshape, where
from refgrad.tensor import Tensor


@recorded_as("TakeBackward0")
def take(input: Tensor, index: Tensor) -> Tensor:
    """The elements at positions in row-major order."""
    _check_positions("take", input, index)
    return ops.index(reshape(input, shape=(input.numel(),)), index)


@recorded_as("PutBackward0")
def put(input: Tensor, index: Tensor, source: Tensor, accumulate: bool = False) -> Tensor:
    """A copy with the source's elements written, or added, at positions in row-major order.

    >>> from refgrad import ones, tensor, zeros
    >>> put(zeros(2, 2), tensor([0, -1, 0]), ones(3), accumulate=True).tolist()
    [[2.0, 0.0], [0.0, 1.0]]
    """
    _check_positions("put_", input, index)
    if source.numel() != index.numel():
        raise IndexError(
            "put_(): Expected source and index to have the same number of elements, but got source.numel() = "
            f"{source.numel()}, index.numel() = {index.numel()}"
        )
    if source.dtype != input.dtype:
        raise RuntimeError(
            f"put_(): self and source expected to have the same dtype, but got self.dtype = {input.dtype} and "
            f"source.dtype = {source.dtype}"
        )
    flat, at, values = (reshape(x, shape=(x.numel(),)) for x in (input, index, source))
    return reshape(ops.index_put(flat, values, at, accumulate=accumulate), shape=tuple(input.shape))


def _check_positions(name: str, input: Tensor, index: Tensor) -> None:
    """Raises unless the index holds whole numbers; those of the host must be places of the input."""
    if index.dtype.name != "int64":
        raise RuntimeError(f"{name}(): Expected a long tensor for index, but got {index.dtype}")
    size = input.numel()
    if index.numel() and not size:
        raise IndexError(f"{name}(): tried to take from an empty tensor")
    _check_within(index, size, f"(out of range): tried to access it on a tensor of {size} elements.")


def take_along_dim(input: Tensor, indices: Tensor, dim: int | None = None) -> Tensor:
    """The elements at the positions along a dimension, shapes broadcast."""
    if dim is None:
        return gather(reshape(input, shape=(-1,)), 0, reshape(indices, shape=(-1,)))
    dim = one_dim(dim, input.ndim)
    wide = tuple(max(a, b) if i != dim else b for i, (a, b) in enumerate(zip(input.shape, indices.shape, strict=True)))
    tall = tuple(n if i != dim else input.shape[dim] for i, n in enumerate(wide))
    return gather(expand(input, shape=tall), dim, expand(indices, shape=wide))


@recorded_as(lambda y, x, dim, index, value: f"IndexFillBackward{int(isinstance(value, Tensor))}")
def index_fill(input: Tensor, dim: int, index: Tensor, value: Any) -> Tensor:
    """A copy with slices along a dimension filled with a value."""
    if isinstance(value, Tensor) and value.ndim:
        raise RuntimeError(
            f"index_fill_ only supports a 0-dimensional value tensor, but got tensor with {value.ndim} dimension(s)."
        )
    if index.ndim > 1:
        raise RuntimeError(f"Index has to be a vector/scalar, not of {index.ndim} dimensions")
    dim = one_dim(dim, input.ndim)
    size = input.shape[dim] if input.ndim else 1
    _check_within(index, size, f"for dimension {dim} with size {size}")
    hit = _named(index, size)
    hit = reshape(hit, shape=tuple(size if d == dim else 1 for d in range(input.ndim)))
    value = to_dtype(value, input.dtype) if isinstance(value, Tensor) else number_for(input, value)
    return where(hit, value, input)


def _named(index: Tensor, size: int) -> Tensor:
    """Which of so many places the index names, from the front or from behind."""
    at = reshape(index, shape=(1, index.numel())) % max(size, 1)
    return (arange(size, device=index.device).unsqueeze(-1) == at).any(-1)


def _check_within(index: Tensor, size: int, words: str) -> None:
    """Raises if the index, where it lies on the host, names a place that there is not."""
    if index._level is None and index.device.type == "cpu":
        for i in index._data[(index._data < -size) | (index._data >= size)].reshape(-1)[:1].tolist():
            raise IndexError(f"index {i} is out of bounds {words}")
