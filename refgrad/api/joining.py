"""Joining tensors, and what several tensors make together: stacks, blocks, grids, choices of their elements."""

from __future__ import annotations

import itertools
from typing import Any

from refgrad.api.forms import one_dim
from refgrad.api.naming import recorded_as
from refgrad.api.shape import expand, reshape, unsqueeze
from refgrad.backends import namespace
from refgrad.creation import zeros
from refgrad.ops import shape as ops
from refgrad.ops.indexing import flat_index
from refgrad.ops.padding import constant_pad
from refgrad.tensor import Tensor


def _sequence(tensors: tuple[Any, ...]) -> tuple[Tensor, ...]:
    """Tensors given one by one, or as one sequence."""
    return tuple(tensors[0]) if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)) else tensors


def _not_empty(name: str, tensors: Any) -> tuple[Tensor, ...]:
    tensors = tuple(tensors)
    if not tensors:
        raise RuntimeError(f"{name} expects a non-empty TensorList")
    return tensors


def broadcast_tensors(*tensors: Any) -> tuple[Tensor, ...]:
    """All tensors expanded to their common shape; one that has it, itself."""
    tensors = _sequence(tensors)
    shape = broadcast_shapes(*(x.shape for x in tensors))
    return tuple(x if x.shape == shape else expand(x, shape) for x in tensors)


def broadcast_shapes(*shapes: Any) -> Any:
    """The shape to which all are broadcast."""
    from refgrad.attributes import Size

    given = [tuple(s) for s in shapes]
    try:
        return Size(namespace().broadcast_shapes(*given))
    except ValueError:
        raise RuntimeError(
            f"Shapes {given} cannot be broadcast to one: sizes at a non-singleton dimension must match"
        ) from None


def cat(tensors: Any, dim: int = 0) -> Tensor:
    """The tensors joined along a dimension."""
    tensors = tuple(tensors)
    if not tensors:
        raise ValueError("torch.cat(): expected a non-empty list of Tensors")
    if any(x.ndim != 1 for x in tensors):  # PyTorch then skips empty vectors, whatever their other sizes should be
        tensors = [x for x in tensors if tuple(x.shape) != (0,)]
    if any(not x.ndim for x in tensors):
        raise RuntimeError("zero-dimensional tensor (at position 0) cannot be concatenated")
    return ops.cat(*tensors, dim=one_dim(dim, tensors[0].ndim))


concat = concatenate = cat


def stack(tensors: Any, dim: int = 0) -> Tensor:
    """The tensors joined along a new dimension."""
    tensors = _not_empty("stack", tensors)
    for i, x in enumerate(tensors):
        if x.shape != tensors[0].shape:
            raise RuntimeError(
                f"stack expects each tensor to be equal size, but got {list(tensors[0].shape)} at entry 0 and "
                f"{list(x.shape)} at entry {i}"
            )
    return ops.stack(*tensors, dim=one_dim(dim, tensors[0].ndim + 1))


def _at_least(n: int) -> Any:
    def function(*tensors: Any) -> Any:
        if len(tensors) == 1 and isinstance(tensors[0], Tensor):
            return _raised(tensors[0], n)
        return tuple(_raised(x, n) for x in _sequence(tensors))

    return function


def _raised(x: Tensor, n: int) -> Tensor:
    if x.ndim == 0:
        return reshape(x, (1,) * n)
    if n > 1 and x.ndim == 1:
        x = unsqueeze(x, 0)
    return unsqueeze(x, -1) if n > 2 and x.ndim == 2 else x


atleast_1d, atleast_2d, atleast_3d = _at_least(1), _at_least(2), _at_least(3)


def hstack(tensors: Any) -> Tensor:
    """Joined along the second dimension (vectors: the first)."""
    tensors = [_raised(x, 1) for x in _not_empty("hstack", tensors)]
    return cat(tensors, 0 if tensors[0].ndim == 1 else 1)


def vstack(tensors: Any) -> Tensor:
    """Joined along the first dimension, vectors as rows."""
    return cat([_raised(x, 2) for x in _not_empty("vstack", tensors)], 0)


row_stack = vstack


def dstack(tensors: Any) -> Tensor:
    """Joined along the third dimension."""
    return cat([_raised(x, 3) for x in _not_empty("dstack", tensors)], 2)


def column_stack(tensors: Any) -> Tensor:
    """Joined along the second dimension, vectors as columns."""
    return cat([reshape(x, (-1, 1)) if x.ndim < 2 else x for x in _not_empty("column_stack", tensors)], 1)


def meshgrid(*tensors: Any, indexing: str = "ij") -> tuple[Tensor, ...]:
    """The coordinates of a grid, one tensor for each dimension; with `indexing="xy"` the first two are exchanged."""
    tensors = _not_empty("meshgrid", _sequence(tensors))
    for x in tensors:
        if x.ndim > 1:
            raise RuntimeError(f"torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: {x!r}")
    if any(x.dtype != tensors[0].dtype for x in tensors):
        raise RuntimeError("meshgrid expects all tensors to have the same dtype")
    if indexing not in ("ij", "xy"):
        raise RuntimeError(f'torch.meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}')
    shape = tuple(x.numel() for x in tensors)
    if indexing == "ij" or len(shape) < 2:
        return tuple(_along(x, i, shape) for i, x in enumerate(tensors))
    shape = (shape[1], shape[0], *shape[2:])
    return tuple(_along(x, 1 - i if i < 2 else i, shape) for i, x in enumerate(tensors))


def _along(x: Tensor, dim: int, shape: tuple[int, ...]) -> Tensor:
    """The vector laid along one dimension of the shape, and repeated along the others."""
    return expand(reshape(x, tuple(-1 if i == dim else 1 for i in range(len(shape)))), shape)


def cartesian_prod(*tensors: Any) -> Tensor:
    """All choices of one element of each vector, as rows; of a single vector, itself.

    >>> from refgrad import tensor
    >>> cartesian_prod(tensor([1.0, 2.0]), tensor([3.0, 4.0])).tolist()
    [[1.0, 3.0], [1.0, 4.0], [2.0, 3.0], [2.0, 4.0]]
    """
    tensors = _sequence(tensors)
    for x in tensors:
        if x.ndim != 1:
            raise RuntimeError(f"Expect a 1D vector, but got shape {list(x.shape)}")
    if len(tensors) == 1:
        return tensors[0]
    return stack([reshape(grid, (grid.numel(),)) for grid in meshgrid(*tensors)], 1)


def combinations(input: Tensor, r: int = 2, with_replacement: bool = False) -> Tensor:
    """All choices of `r` elements of a vector, as rows, in the order of `itertools`; each element once, or any number of
    times.
    """
    if input.ndim != 1:
        raise RuntimeError(f"Expect a 1D vector, but got shape {list(input.shape)}")
    if r < 0:
        raise RuntimeError(f"Expect a non-negative number, but got {r}")
    if r == 0:
        return input.new_empty((0,))
    choose = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    xp = namespace()
    rows = xp.reshape(xp.asarray(list(choose(range(input.numel()), r)), "int64"), (-1, r))
    return recorded_as("StackBackward0")(flat_index)(input, positions=rows)


@recorded_as("BlockDiagBackward0")
def block_diag(*tensors: Any) -> Tensor:
    """A matrix with the tensors, as matrices, along its diagonal, and zeros elsewhere.

    >>> from refgrad import ones
    >>> block_diag(ones(1, 2), ones(())).tolist()
    [[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    for i, x in enumerate(tensors):
        if x.ndim > 2:
            raise RuntimeError(
                f"torch.block_diag: Input tensors must have 2 or fewer dimensions. Input {i} has {x.ndim} dimensions"
            )
    blocks = [_raised(x, 2) for x in tensors]
    if not blocks:
        return zeros(1, 0)
    width, rows, before = sum(x.shape[1] for x in blocks), [], 0
    for x in blocks:
        rows.append(constant_pad(x, pad=(before, width - before - x.shape[1]), value=0))
        before += x.shape[1]
    return cat(rows, 0)
