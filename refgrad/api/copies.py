"""Copies of what views show, under the view's name with `_copy`, and copies in which what a view shows is replaced."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from refgrad import dtypes
from refgrad.api import indexing, shape, splitting
from refgrad.api.forms import placed
from refgrad.api.naming import Title, recorded_as
from refgrad.backends import namespace
from refgrad.ops.indexing import flat_index
from refgrad.ops.shape import alias, places
from refgrad.rules import where
from refgrad.tensor import Tensor
from refgrad.views import geometry
from refgrad.views import storage_offset as offset_of


def _copy_of(view: Callable[..., Any], node: Title) -> Callable[..., Any]:
    """The function that copies what a function of views shows: one tensor, or each of several."""

    def title(y: Any, *args: Any, **kwargs: Any) -> str:
        return f"{node if isinstance(node, str) else node(y, *args, **kwargs)}_copy"

    @functools.wraps(view)
    def function(input: Tensor, *args: Any, **kwargs: Any) -> Any:
        shown = view(input, *args, **kwargs)
        return tuple(map(shape.clone, shown)) if isinstance(shown, tuple) else shape.clone(shown)

    function.__module__, function.__name__ = __name__, f"{view.__name__}_copy"
    function.__doc__ = f"A copy of what `{view.__name__}` shows."
    return recorded_as(title)(function)


def _slice(input: Tensor, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1) -> Tensor:
    if step <= 0:
        raise RuntimeError("slice step must be positive")
    if not input.ndim:
        raise IndexError("slice() cannot be applied to a 0-dim tensor.")
    return indexing.getitem(input, (*(slice(None),) * shape.one_dim(dim, input.ndim), slice(start, end, step)))


_slice.__name__ = "slice"

alias_copy = _copy_of(lambda input: alias(input), "AliasBackward0")
as_strided_copy = _copy_of(shape.as_strided, "AsStridedBackward0")
diagonal_copy = _copy_of(shape.diagonal, "DiagonalBackward0")
narrow_copy = recorded_as("NarrowCopyBackward0")(_copy_of(indexing.narrow, ""))
permute_copy = _copy_of(shape.permute, "PermuteBackward0")
select_copy = _copy_of(indexing.select, "SelectBackward0")
slice_copy = _copy_of(_slice, "SliceBackward0")
split_copy = _copy_of(splitting.split, "SplitBackward0")
split_with_sizes_copy = _copy_of(splitting.split_with_sizes, "SplitWithSizesBackward0")
squeeze_copy = _copy_of(shape.squeeze, shape.squeeze_title)
t_copy = _copy_of(shape.t, "TBackward0")
transpose_copy = _copy_of(shape.transpose, "TransposeBackward0")
unbind_copy = _copy_of(splitting.unbind, "UnbindBackward0")
unfold_copy = _copy_of(shape.unfold, "UnfoldBackward0")
unsqueeze_copy = _copy_of(shape.unsqueeze, "UnsqueezeBackward0")
_expand_copy = _copy_of(shape.expand, "ExpandBackward0")


def expand_copy(input: Tensor, size: Any, *, implicit: bool = False) -> Tensor:
    """A copy of what `expand` shows; `implicit` says who asked, and changes nothing."""
    return _expand_copy(input, size)


@recorded_as("ViewBackward0_copy")
def view_copy(input: Tensor, size: Any = None, *, dtype: Any = None) -> Tensor:
    """A copy in another shape, or reinterpreted in another dtype."""
    asked = size if dtype is None else dtype
    is_dtype = isinstance(asked, dtypes.dtype)
    return shape.clone(shape.view(input, asked) if is_dtype else shape.reshape(input, asked))


@recorded_as("AsStridedScatterBackward0")
def as_strided_scatter(input: Tensor, src: Tensor, size: Any, stride: Any, storage_offset: int | None = None) -> Tensor:
    """A copy of `input`, laid out as it is, in which what `as_strided` shows of the storage is replaced by `src`.

    Of places that are shown several times the last in row-major order counts. Raises RuntimeError where the source has
    another size, the view leaves the storage, or a stride of zero repeats a place.

    >>> from refgrad import ones, zeros
    >>> as_strided_scatter(zeros(4), ones(2), (2,), (2,), 1).tolist()
    [0.0, 1.0, 0.0, 1.0]
    """
    size, stride = tuple(size), tuple(stride)
    if tuple(src.shape) != size:
        raise RuntimeError(
            "expected src to have a size equal to the slice of self. "
            f"src size = {list(src.shape)}, slice size = {list(size)}"
        )
    shape.as_strided(input, size, stride, storage_offset)  # which refuses what leaves the storage
    if any(s == 0 and n > 1 for n, s in zip(size, stride, strict=True)):
        raise RuntimeError(
            "unsupported operation: more than one element of the written-to tensor refers to a single memory location. "
            f"Please give strides without a zero, not {stride}"
        )
    src = shape.to_dtype(src, input.dtype)
    offset = offset_of(input._data) if storage_offset is None else storage_offset
    xp = namespace()
    here, there = places(*geometry(input)), places(size, stride, offset)
    order = xp.full(1 + int(max(here.max(initial=0), there.max(initial=0))), -1, "int64")
    order[there] = xp.reshape(xp.arange(there.size), there.shape)
    found = order[here]
    shown = (
        flat_index(src, positions=xp.maximum(found, 0)) if src.numel() else src.sum()
    )  # zero, and still of the source
    return where(placed(found >= 0, input), shown, input)
