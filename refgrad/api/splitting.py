"""Cutting tensors into pieces: views, or copies that may be modified in place where the name says unsafe."""

from __future__ import annotations

from typing import Any

from refgrad.api.forms import one_dim
from refgrad.api.naming import recorded_as
from refgrad.api.shape import clone
from refgrad.ops import shape as ops
from refgrad.ops.indexing import narrow
from refgrad.tensor import Tensor


def unbind(input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """The slices along a dimension."""
    if not input.ndim:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    return ops.unbind(input, dim=one_dim(dim, input.ndim))


def _check_pieces(name: str, x: Tensor) -> None:
    if not x.ndim:
        raise RuntimeError(f"{name} expects at least a 1-dimensional tensor")


def _split_title(y: Any, tensor: Tensor, split_size_or_sections: Any, dim: int = 0) -> str:
    return "SplitBackward0" if isinstance(split_size_or_sections, int) else "SplitWithSizesBackward0"


@recorded_as(_split_title)
def split(tensor: Tensor, split_size_or_sections: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """Pieces of the size, the last one smaller if need be, or of the sizes given."""
    _check_pieces("split", tensor)
    dim = one_dim(dim, tensor.ndim)
    n = tensor.shape[dim]
    if isinstance(split_size_or_sections, int):
        return ops.split(tensor, sizes=_equal_sizes(n, split_size_or_sections), dim=dim)
    pieces = tuple(split_size_or_sections)
    if min(pieces, default=0) < 0:
        raise RuntimeError(
            f"split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes={list(pieces)}"
        )
    if sum(pieces) != n:
        raise RuntimeError(
            f"split_with_sizes expects split_sizes to sum exactly to {n} (input tensor's size at dimension {dim}), but got "
            f"split_sizes={list(pieces)}"
        )
    return ops.split(tensor, sizes=pieces, dim=dim)


def _equal_sizes(n: int, size: int) -> tuple[int, ...]:
    if size < 0:
        raise RuntimeError(f"split expects split_size be non-negative, but got split_size={size}")
    if not size and n:
        raise RuntimeError(f"split_size can only be 0 if dimension size is 0, but got dimension size of {n}")
    return tuple(min(size, n - s) for s in range(0, n, size)) if n else (0,)


def split_with_sizes(input: Tensor, split_sizes: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """Pieces of the sizes given."""
    return split(input, tuple(split_sizes), dim)


def _unsafe(pieces: tuple[Tensor, ...], node: str) -> tuple[Tensor, ...]:
    """The pieces, each as a copy: PyTorch lets the memory be shared, and its users promise not to look."""
    copy = recorded_as(node)(clone)
    return tuple(copy(piece) for piece in pieces)


def unsafe_split(input: Tensor, split_size: int, dim: int = 0) -> tuple[Tensor, ...]:
    """The pieces of `split`, which may be modified in place."""
    return _unsafe(split(input, split_size, dim), "UnsafeSplitBackward0")


def unsafe_split_with_sizes(input: Tensor, split_sizes: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """The pieces of `split_with_sizes`, which may be modified in place."""
    return _unsafe(split_with_sizes(input, split_sizes, dim), "UnsafeSplitWithSizesBackward0")


def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """About equal pieces, that many at most."""
    _check_pieces("chunk", input)
    if chunks <= 0:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    n = input.shape[one_dim(dim, input.ndim)]
    return split(input, -(-n // chunks) if n else (0,) * chunks, dim)


def unsafe_chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """The pieces of `chunk`, which may be modified in place."""
    whole = not input.ndim or input.shape[one_dim(dim, input.ndim)]
    return _unsafe(chunk(input, chunks, dim), f"UnsafeSplit{'' if whole else 'WithSizes'}Backward0")


def tensor_split(
    input: Tensor, indices_or_sections: Any = None, dim: int = 0, *, indices: Any = None, sections: int | None = None
) -> tuple[Tensor, ...]:
    """Pieces cut at the positions, which may overlap where these go back, or that many of nearly equal size.

    >>> from refgrad import arange
    >>> [piece.tolist() for piece in tensor_split(arange(5), (1, -1))]
    [[0], [1, 2, 3], [4]]
    """
    if not input.ndim:
        raise RuntimeError("tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims")
    dim = one_dim(dim, input.ndim)
    n = input.shape[dim]
    cuts = _cuts(n, _given(indices_or_sections, indices, sections))
    pieces = (slice(a, b).indices(n)[:2] for a, b in zip((0, *cuts), (*cuts, n), strict=True))
    return tuple(narrow(input, dim=dim, start=a, length=max(b - a, 0)) for a, b in pieces)


def _given(*forms: Any) -> Any:
    """Positions or a number, by whichever of PyTorch's keywords they are given."""
    for found in forms:
        if found is not None:
            return found
    raise TypeError("expected positions (indices=) or a number of pieces (sections=), but neither was given")


def _cuts(n: int, given: Any) -> tuple[int, ...]:
    """The positions between pieces, of those given or of a number of pieces of nearly equal size."""
    if isinstance(given, Tensor):
        if given.dtype.name != "int64" or given.ndim > 1:
            raise RuntimeError(
                "tensor_split expected tensor_indices_or_sections to have dtype of long, and at most one dimension, but "
                f"got {given.dtype} and {given.ndim}"
            )
        given = given.tolist()
    if not isinstance(given, int):
        return tuple(given)
    if given <= 0:
        raise RuntimeError(f"number of sections must be larger than 0, got {given}")
    small, large = divmod(n, given)
    return tuple(i * small + min(i, large) for i in range(1, given))


def _split_at(name: str, input: Tensor, given: Any, dim: int, least: int) -> tuple[Tensor, ...]:
    if input.ndim < least:
        raise RuntimeError(
            f"torch.{name} requires a tensor with at least {least} dimension, but got a tensor with "
            f"{input.ndim} dimensions!"
        )
    if isinstance(given, int) and (not given or input.shape[dim] % given):
        raise RuntimeError(
            f"torch.{name} attempted to split along dimension {dim}, but the size of the dimension {input.shape[dim]} is "
            f"not divisible by the split_size {given}!"
        )
    return tensor_split(input, given, dim)


def hsplit(
    input: Tensor, indices_or_sections: Any = None, *, indices: Any = None, sections: Any = None
) -> tuple[Tensor, ...]:
    """Cut along the second dimension (vectors: the first), at positions or into that many pieces of equal size."""
    return _split_at("hsplit", input, _given(indices_or_sections, indices, sections), 0 if input.ndim == 1 else 1, 1)


def vsplit(
    input: Tensor, indices_or_sections: Any = None, *, indices: Any = None, sections: Any = None
) -> tuple[Tensor, ...]:
    """Cut along the first dimension of two or more, as `hsplit` does along the second."""
    return _split_at("vsplit", input, _given(indices_or_sections, indices, sections), 0, 2)


def dsplit(
    input: Tensor, indices_or_sections: Any = None, *, indices: Any = None, sections: Any = None
) -> tuple[Tensor, ...]:
    """Cut along the third dimension of three or more, as `hsplit` does along the second."""
    return _split_at("dsplit", input, _given(indices_or_sections, indices, sections), 2, 3)
