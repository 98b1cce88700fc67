"""Views, rearrangements, joining and splitting."""

from __future__ import annotations

from typing import Any

from refgrad import dtypes
from refgrad.api.forms import dims, one_by_one, one_dim, placed, sizes
from refgrad.api.naming import recorded_as
from refgrad.backends import namespace
from refgrad.ops import shape as ops
from refgrad.rules import cast
from refgrad.rules import conj as _conj
from refgrad.rules import expand as _expand
from refgrad.rules import reshape as _reshape
from refgrad.tensor import Tensor, masked_as, wrap
from refgrad.views import storage_offset as _storage_offset
from refgrad.views import strided


def _inferred(shape: tuple[int, ...], numel: int) -> tuple[int, ...]:
    if -1 in shape:
        known = 1
        for n in shape:
            known *= n if n != -1 else 1
        if known == 0 or numel % known:
            raise RuntimeError(f"shape '{list(shape)}' is invalid for input of size {numel}")
        return tuple(numel // known if n == -1 else n for n in shape)
    total = 1
    for n in shape:
        total *= n
    if total != numel:
        raise RuntimeError(f"shape '{list(shape)}' is invalid for input of size {numel}")
    return shape


def _reshape_title(y: Tensor, x: Tensor, *_: Any, **__: Any) -> str | None:
    if x._level is not None or not hasattr(x._data, "flags") or x._data.flags.c_contiguous:
        return None
    shared = namespace(y._data).may_share_memory(y._data, x._data)
    return "ReshapeAliasBackward0" if shared else "UnsafeViewBackward0"


@recorded_as(_reshape_title)
@one_by_one("shape")
def reshape(input: Tensor, *shape: Any) -> Tensor:
    """The elements in another shape: a view where the layout allows it."""
    return Tensor.__apply__(_reshape, (input,), {"shape": _inferred(sizes(shape), input.numel())})


@one_by_one("size")
def view(input: Tensor, *shape: Any) -> Tensor:
    """The elements in another shape, or reinterpreted in another dtype, always as a view."""
    if len(shape) == 1 and isinstance(shape[0], dtypes.dtype):
        return _view_as_dtype(input, shape[0])
    wanted = _inferred(sizes(shape), input.numel())
    y = ops.view(input, shape=wanted)
    if y._level is None and input.numel() and not namespace(y._data).may_share_memory(y._data, input._data):
        raise RuntimeError(
            "view size is not compatible with input tensor's size and stride (at least one dimension spans across two contiguous "
            "subspaces). Use .reshape(...) instead."
        )
    return y


def _view_as_dtype(x: Tensor, dtype: dtypes.dtype) -> Tensor:
    if x.requires_grad:
        raise RuntimeError("view(dtype) of a tensor that requires grad is not supported")
    y = wrap(x._data.view(dtype.array))
    y._cell = x._cell
    return y


def view_as(input: Tensor, other: Tensor) -> Tensor:
    """A view in the other's shape."""
    return view(input, tuple(other.shape))


def reshape_as(input: Tensor, other: Tensor) -> Tensor:
    """The elements in the other's shape."""
    return reshape(input, tuple(other.shape))


@recorded_as(_reshape_title)
def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """The dimensions from `start_dim` to `end_dim` made one."""
    if not input.ndim:
        return reshape(input, (1,))
    a, b = one_dim(start_dim, input.ndim), one_dim(end_dim, input.ndim)
    if a > b:
        raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
    if a == b:
        return input
    return reshape(input, (*input.shape[:a], -1 if input.numel() else 0, *input.shape[b + 1 :]))


@recorded_as("ViewBackward0")
def ravel(input: Tensor) -> Tensor:
    """All elements in one dimension."""
    return reshape(input, (-1,)) if input.numel() else reshape(input, (0,))


def unflatten(input: Tensor, dim: int, sizes: Any) -> Tensor:
    """One dimension made several."""
    d = one_dim(dim, input.ndim)
    inner = _inferred(tuple(sizes), input.shape[d])
    return view(input, (*input.shape[:d], *inner, *input.shape[d + 1 :]))


def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Two dimensions exchanged."""
    if not input.ndim:
        return recorded_as("TransposeBackward0")(ops.alias)(input)
    return ops.transpose(input, dim0=one_dim(dim0, input.ndim), dim1=one_dim(dim1, input.ndim))


swapaxes = swapdims = transpose


def t(input: Tensor) -> Tensor:
    """The transposed matrix; vectors and scalars as they are."""
    if input.ndim > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {input.ndim}D")
    return ops.t(input)


@one_by_one("dims")
def permute(input: Tensor, *dims: Any) -> Tensor:
    """The dimensions in another order."""
    order = tuple(one_dim(d, input.ndim) for d in sizes(dims))
    if len(order) != input.ndim:
        raise RuntimeError(
            f"permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired ordering of "
            f"dimensions i.e. input.dim() = {input.ndim} is not equal to len(dims) = {len(order)}"
        )
    return ops.permute(input, dims=order)


def movedim(input: Tensor, source: Any, destination: Any) -> Tensor:
    """Dimensions moved to other places."""
    if not input.ndim:
        return ops.alias(input)
    sources = [one_dim(d, input.ndim) for d in ((source,) if isinstance(source, int) else source)]
    places = [one_dim(d, input.ndim) for d in ((destination,) if isinstance(destination, int) else destination)]
    order = [d for d in range(input.ndim) if d not in sources]
    for place, d in sorted(zip(places, sources, strict=True)):
        order.insert(place, d)
    return ops.permute(input, dims=tuple(order))


moveaxis = movedim


def _squeeze_title(y: Tensor, input: Tensor, dim: Any = None) -> str:
    return f"SqueezeBackward{0 if dim is None else 1 if isinstance(dim, int) else 2}"


@recorded_as(_squeeze_title)
def squeeze(input: Tensor, dim: Any = None) -> Tensor:
    """Without the dimensions of size one, or without those given if they are."""
    wanted = range(input.ndim) if dim is None else dims(dim, input) or ()
    return ops.squeeze(input, dim=tuple(d for d in wanted if input.shape[d] == 1))


def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """With a dimension of size one put in."""
    return ops.unsqueeze(input, dim=one_dim(dim, input.ndim + 1))


@one_by_one("size")
def expand(input: Tensor, *size: Any) -> Tensor:
    """A view in which dimensions of size one are repeated; -1 leaves a size."""
    wanted, have = sizes(size), tuple(input.shape)
    lead = len(wanted) - len(have)
    if lead < 0:
        raise RuntimeError(
            f"expand: the number of sizes provided ({len(wanted)}) must be greater or equal to the number of dimensions in the "
            f"tensor ({len(have)})"
        )
    shape = tuple(have[i - lead] if n == -1 else n for i, n in enumerate(wanted))
    for i, n in enumerate(have):
        if n not in (1, shape[i + lead]):
            raise RuntimeError(
                f"The expanded size of the tensor ({shape[i + lead]}) must match the existing size ({n}) at non-singleton dimension "
                f"{i + lead}.  Target sizes: {list(wanted)}.  Tensor sizes: {list(have)}"
            )
    return _expand(input, shape=shape)


def expand_as(input: Tensor, other: Tensor) -> Tensor:
    """Expanded to the other's shape."""
    return expand(input, tuple(other.shape))


def broadcast_to(input: Tensor, size: Any) -> Tensor:
    """Expanded to the size."""
    return expand(input, tuple(size))


def broadcast_tensors(*tensors: Any) -> tuple[Tensor, ...]:
    """All tensors expanded to their common shape."""
    tensors = tuple(tensors[0]) if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)) else tensors
    shape = namespace().broadcast_shapes(*(tuple(x.shape) for x in tensors))
    return tuple(expand(x, shape) for x in tensors)


def broadcast_shapes(*shapes: Any) -> Any:
    """The shape to which all are broadcast."""
    from refgrad.attributes import Size

    return Size(namespace().broadcast_shapes(*shapes))


@one_by_one("repeats")
def repeat(input: Tensor, *repeats: Any) -> Tensor:
    """Copies laid side by side along each dimension."""
    return ops.repeat(input, repeats=sizes(repeats))


@one_by_one("dims")
def tile(input: Tensor, *dims: Any) -> Tensor:
    """Copies laid side by side, dimensions counted from the last."""
    n = sizes(dims)
    return ops.repeat(input, repeats=(1,) * (input.ndim - len(n)) + n)


@one_by_one("dims")
def flip(input: Tensor, *dims: Any) -> Tensor:
    """The order of elements along the dimensions turned round."""
    return ops.flip(input, dims=tuple(one_dim(d, input.ndim) for d in sizes(dims)))


def fliplr(input: Tensor) -> Tensor:
    """Turned round along the second dimension."""
    return flip(input, 1)


def flipud(input: Tensor) -> Tensor:
    """Turned round along the first dimension."""
    return flip(input, 0)


def rot90(input: Tensor, k: int = 1, dims: Any = (0, 1)) -> Tensor:
    """Turned by quarter turns in the plane of two dimensions."""
    k %= 4
    if k == 1:
        return transpose(flip(input, dims[1]), *dims)
    if k == 2:
        return flip(input, dims)
    return flip(transpose(input, *dims), dims[1]) if k == 3 else clone(input)


def roll(input: Tensor, shifts: Any, dims: Any = None) -> Tensor:
    """The elements moved along the dimensions, the last coming first again."""
    shifts = (shifts,) if isinstance(shifts, int) else tuple(shifts)
    places = () if dims is None else (dims,) if isinstance(dims, int) else tuple(dims)
    return ops.roll(input, shifts=shifts, dims=tuple(one_dim(d, input.ndim) for d in places))


def clone(input: Tensor, *, memory_format: Any = None) -> Tensor:
    """A copy, with the history of what it copies."""
    return ops.clone(input)


def detach(input: Tensor) -> Tensor:
    """The same elements outside the graph; storage and version counter are shared."""
    return input._detached()


def detach_copy(input: Tensor) -> Tensor:
    """A copy of the elements outside the graph."""
    return masked_as(input, wrap(namespace(input._data).array(input._data)))


def contiguous(input: Tensor, *, memory_format: Any = None) -> Tensor:
    """In row-major order: itself, or else a copy."""
    return input if input.is_contiguous() else ops.contiguous(input)


def diagonal(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """The diagonal of two dimensions, as a last dimension."""
    return ops.diagonal(input, offset=offset, dim1=one_dim(dim1, input.ndim), dim2=one_dim(dim2, input.ndim))


def diagonal_scatter(input: Tensor, src: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """A copy with the source on the diagonal."""
    return ops.diagonal_scatter(
        input, src, offset=offset, dim1=one_dim(dim1, input.ndim), dim2=one_dim(dim2, input.ndim)
    )


@recorded_as("DiagEmbedBackward0")
def diag_embed(input: Tensor, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """Matrices with the last dimension on their diagonal, zero elsewhere."""
    from refgrad.rules import zeros

    n, ndim = input.shape[-1] + abs(offset), input.ndim + 1
    d1, d2 = one_dim(dim1, ndim), one_dim(dim2, ndim)
    shape = list(input.shape[:-1])
    for d in sorted((d1, d2)):
        shape.insert(d, n)
    return ops.diagonal_scatter(zeros(input, shape=tuple(shape)), input, offset=offset, dim1=d1, dim2=d2)


def diag(input: Tensor, diagonal: int = 0) -> Tensor:
    """The diagonal of a matrix, or the matrix with this diagonal."""
    return diag_embed(input, diagonal) if input.ndim == 1 else ops.diagonal(input, offset=diagonal, dim1=0, dim2=1)


def diagflat(input: Tensor, offset: int = 0) -> Tensor:
    """The matrix with all elements on its diagonal."""
    return diag_embed(ravel(input), offset)


def as_strided(input: Tensor, size: Any, stride: Any, storage_offset: int | None = None) -> Tensor:
    """A view of the storage with these strides."""
    offset = _storage_offset(input._data) if storage_offset is None else storage_offset
    return strided(input, tuple(size), tuple(stride), offset)


def unfold(input: Tensor, dimension: int, size: int, step: int) -> Tensor:
    """Windows along a dimension, as a last dimension."""
    return ops.unfold(input, dimension=one_dim(dimension, input.ndim), size=size, step=step)


def cat(tensors: Any, dim: int = 0) -> Tensor:
    """The tensors joined along a dimension."""
    if any(x.ndim != 1 for x in tensors):  # PyTorch then skips empty vectors, whatever their other sizes should be
        tensors = [x for x in tensors if tuple(x.shape) != (0,)]
    if any(not x.ndim for x in tensors):
        raise RuntimeError("zero-dimensional tensor (at position 0) cannot be concatenated")
    return ops.cat(*tensors, dim=one_dim(dim, tensors[0].ndim))


concat = concatenate = cat


def stack(tensors: Any, dim: int = 0) -> Tensor:
    """The tensors joined along a new dimension."""
    tensors = tuple(tensors)
    if not tensors:
        raise RuntimeError("stack expects a non-empty TensorList")
    return ops.stack(*tensors, dim=one_dim(dim, tensors[0].ndim + 1))


def _at_least(n: int) -> Any:
    def function(*tensors: Any) -> Any:
        tensors = tensors[0] if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)) else tensors
        raised = tuple(_raised(x, n) for x in tensors)
        return raised if len(raised) > 1 else raised[0]

    return function


def _raised(x: Tensor, n: int) -> Tensor:
    if x.ndim == 0:
        x = reshape(x, (1,))
    if n > 1 and x.ndim == 1:
        x = unsqueeze(x, 0)
    return unsqueeze(x, -1) if n > 2 and x.ndim == 2 else x


atleast_1d, atleast_2d, atleast_3d = _at_least(1), _at_least(2), _at_least(3)


def hstack(tensors: Any) -> Tensor:
    """Joined along the second dimension (vectors: the first)."""
    tensors = [_raised(x, 1) for x in tensors]
    return cat(tensors, 0 if tensors[0].ndim == 1 else 1)


def vstack(tensors: Any) -> Tensor:
    """Joined along the first dimension, vectors as rows."""
    return cat([_raised(x, 2) for x in tensors], 0)


row_stack = vstack


def dstack(tensors: Any) -> Tensor:
    """Joined along the third dimension."""
    return cat([_raised(x, 3) for x in tensors], 2)


def column_stack(tensors: Any) -> Tensor:
    """Joined along the second dimension, vectors as columns."""
    return cat([reshape(x, (-1, 1)) if x.ndim < 2 else x for x in tensors], 1)


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
        size = split_size_or_sections
        pieces = [min(size, n - s) for s in range(0, n, size)] if n else [0]
    else:
        pieces = list(split_size_or_sections)
        if sum(pieces) != n:
            raise RuntimeError(
                f"split_with_sizes expects split_sizes to sum exactly to {n} (input tensor's size at dimension {dim}), but got "
                f"split_sizes={pieces}"
            )
    return ops.split(tensor, sizes=tuple(pieces), dim=dim)


split_with_sizes = split


def unsafe_split(tensor: Tensor, split_size: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """The pieces of `split`, which may be modified in place."""
    return tuple(clone(piece) for piece in split(tensor, split_size, dim))


def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """About equal pieces, that many at most."""
    _check_pieces("chunk", input)
    dim = one_dim(dim, input.ndim)
    if not input.shape[dim]:
        return split(input, [0] * chunks, dim)
    return split(input, max(-(-input.shape[dim] // chunks), 1), dim)


def unsafe_chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """The pieces of `chunk`, which may be modified in place."""
    return tuple(clone(piece) for piece in chunk(input, chunks, dim))


def tensor_split(input: Tensor, indices_or_sections: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """Pieces cut at the positions, or that many of nearly equal size."""
    dim = one_dim(dim, input.ndim)
    n = input.shape[dim]
    if isinstance(indices_or_sections, int):
        k = indices_or_sections
        return split(input, [n // k + (i < n % k) for i in range(k)], dim)
    cuts = [0, *(min(c if c >= 0 else c + n, n) for c in indices_or_sections), n]
    return split(input, [max(b - a, 0) for a, b in zip(cuts, cuts[1:], strict=False)], dim)


def hsplit(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Cut along the second dimension (vectors: the first)."""
    return tensor_split(input, indices_or_sections, 0 if input.ndim == 1 else 1)


def vsplit(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Cut along the first dimension."""
    return tensor_split(input, indices_or_sections, 0)


def dsplit(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Cut along the third dimension."""
    return tensor_split(input, indices_or_sections, 2)


def meshgrid(*tensors: Any, indexing: str = "ij") -> tuple[Tensor, ...]:
    """The coordinates of a grid."""
    tensors = tuple(tensors[0]) if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)) else tensors
    shape = tuple(x.numel() for x in tensors)
    grids = tuple(
        expand(reshape(x, (1,) * i + (-1,) + (1,) * (len(shape) - i - 1)), shape) for i, x in enumerate(tensors)
    )
    return tuple(transpose(g, 0, 1) for g in grids) if indexing == "xy" and len(grids) > 1 else grids


def adjoint(input: Tensor) -> Tensor:
    """Matrices transposed and conjugated."""
    return _conj(ops.mT(input)) if input.dtype.is_complex else ops.mT(input)


def triu(input: Tensor, diagonal: int = 0) -> Tensor:
    """The part of matrices on and above a diagonal."""
    return _triangle(input, namespace().triu, diagonal)


def tril(input: Tensor, diagonal: int = 0) -> Tensor:
    """The part of matrices on and below a diagonal."""
    return _triangle(input, namespace().tril, diagonal)


def _triangle(x: Tensor, part: Any, diagonal: int) -> Tensor:
    from refgrad.rules import where

    zero = False if x.dtype == dtypes.bool else 0  # a triangle of booleans is one of booleans
    return where(placed(part(namespace().ones(tuple(x.shape)[-2:], bool), diagonal), x), x, zero)


def to_dtype(x: Tensor, dtype: Any) -> Tensor:
    """`x` in the dtype; itself if it has it."""
    return x if x.dtype == dtype else cast(x, dtype=dtypes.to_array(dtype))
