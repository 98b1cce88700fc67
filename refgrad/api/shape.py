"""Views and rearrangements of one tensor."""

from __future__ import annotations

from typing import Any

from refgrad import dtypes
from refgrad.api.forms import dims, one_by_one, one_dim, placed, sizes
from refgrad.api.naming import recorded_as
from refgrad.backends import namespace
from refgrad.ops import shape as ops
from refgrad.rules import cast, sum_to
from refgrad.rules import conj as _conj
from refgrad.rules import expand as _expand
from refgrad.rules import reshape as _reshape
from refgrad.tensor import Tensor, masked_as, wrap
from refgrad.views import storage_offset as _storage_offset
from refgrad.views import strided


def _inferred(shape: tuple[int, ...], numel: int) -> tuple[int, ...]:
    if shape.count(-1) > 1:
        raise RuntimeError(f"only one dimension can be inferred, but {list(shape)} leaves {shape.count(-1)} open")
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
    d, sizes = one_dim(dim, input.ndim), tuple(sizes)
    if not sizes:
        raise RuntimeError("unflatten: sizes must be non-empty")
    try:
        inner = _inferred(sizes, input.shape[d])
    except RuntimeError as error:
        raise RuntimeError(
            f"unflatten: Provided sizes {list(sizes)} don't multiply up to the size of dim {dim} ({input.shape[d]}) in the "
            f"input tensor: {error}"
        ) from None
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
    order = _different("permute", sizes(dims), input)
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


def squeeze_title(y: Tensor, input: Tensor, dim: Any = None) -> str:
    """What PyTorch calls the node, by how the dimensions are given."""
    return f"SqueezeBackward{0 if dim is None else 1 if isinstance(dim, int) else 2}"


@recorded_as(squeeze_title)
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


@recorded_as(lambda y, input, *_, **__: None if y.ndim else "SumBackward0")
@one_by_one("size")
def sum_to_size(input: Tensor, *size: Any) -> Tensor:
    """Summed over the dimensions by which the size was, or could have been, expanded to this one.

    >>> from refgrad import ones
    >>> ones(2, 3).sum_to_size(1, 3).tolist()
    [[2.0, 2.0, 2.0]]
    """
    wanted, have = sizes(size), tuple(input.shape)
    lead = len(have) - len(wanted)
    if lead < 0 or any(n not in (1, m) for n, m in zip(wanted, have[lead:], strict=True)):
        raise RuntimeError(f"size {{{list(wanted)}}} is not expandable to size {{{list(have)}}}.")
    return input if wanted == have else sum_to(input, shape=wanted)


def expand_as(input: Tensor, other: Tensor) -> Tensor:
    """Expanded to the other's shape."""
    return expand(input, tuple(other.shape))


def broadcast_to(input: Tensor, size: Any) -> Tensor:
    """Expanded to the size."""
    return expand(input, tuple(size))


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
    return ops.flip(input, dims=_different("flip", sizes(dims), input))


def _different(name: str, dims: tuple[int, ...], x: Tensor) -> tuple[int, ...]:
    """Dimensions counted from the front, each of them once."""
    found = tuple(one_dim(d, x.ndim) for d in dims)
    if len(set(found)) < len(found):
        raise RuntimeError(f"{name}(): duplicate dims are not allowed: a dim appears multiple times in {list(dims)}")
    return found


def fliplr(input: Tensor) -> Tensor:
    """Turned round along the second dimension."""
    if input.ndim < 2:
        raise RuntimeError(f"Input must be >= 2-d, but has {input.ndim}.")
    return flip(input, 1)


def flipud(input: Tensor) -> Tensor:
    """Turned round along the first dimension."""
    if input.ndim < 1:
        raise RuntimeError("Input must be >= 1-d, but has none.")
    return flip(input, 0)


@recorded_as("Rot90Backward0")
def rot90(input: Tensor, k: int = 1, dims: Any = (0, 1)) -> Tensor:
    """Turned by quarter turns in the plane of two dimensions, from the first towards the second."""
    if len(dims) != 2:
        raise RuntimeError(f"expected total rotation dims == 2, but got dims = {len(dims)}")
    if input.ndim < 2:
        raise RuntimeError(f"expected total dims >= 2, but got total dims = {input.ndim}")
    first, second = (one_dim(d, input.ndim) for d in dims)
    if first == second:
        raise RuntimeError(f"expected rotation dims to be different, but got dim0 = {dims[0]} and dim1 = {dims[1]}")
    turned = transpose(input, first, second) if k % 2 else input
    return clone(turned) if k % 4 == 0 else flip(turned, ((), first, (first, second), second)[k % 4])


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
