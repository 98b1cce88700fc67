"""Views and rearrangements: no arithmetic, only where elements are."""

from __future__ import annotations

from refgrad.backends import namespace
from refgrad.rules import conj, expand, general, of_host, reshape, structural, sum_to, where, zeros

__all__ = ["expand", "reshape", "sum_to", "where"]

transpose = structural(
    "transpose",
    lambda g, *, dim0, dim1: transpose(g, dim0=dim0, dim1=dim1),
    kernel=lambda xp, x, *, dim0, dim1: xp.swapaxes(x, dim0, dim1),
    view=True,
)
t = structural("t", lambda g: t(g), kernel=lambda xp, x: xp.transpose(x), node="TBackward0", view=True)
mT = structural(
    "mT", lambda g: mT(g), kernel=lambda xp, x: xp.swapaxes(x, -2, -1), node="TransposeBackward0", view=True
)


def _inverse(dims):
    return tuple(sorted(range(len(dims)), key=lambda i: dims[i] % len(dims)))


permute = structural(
    "permute",
    lambda g, *, dims: permute(g, dims=_inverse(dims)),
    kernel=lambda xp, x, *, dims: xp.transpose(x, dims),
    view=True,
)
squeeze = structural(
    "squeeze",
    lambda g, _x: reshape(g, shape=_x.shape),
    kernel=lambda xp, x, *, dim: xp.squeeze(x, tuple(d for d in dim if x.shape[d] == 1)),
    node=lambda x, dim: "SqueezeBackward1" if len(dim) == 1 else "SqueezeBackward0",
    view=True,
)
unsqueeze = structural(
    "unsqueeze",
    lambda g, _x: reshape(g, shape=_x.shape),
    kernel=lambda xp, x, *, dim: xp.expand_dims(x, dim),
    view=True,
)
view = structural(
    "view", lambda g, _x: reshape(g, shape=_x.shape), kernel=lambda xp, x, *, shape: xp.reshape(x, shape), view=True
)
clone = structural("clone", lambda g: g, kernel=lambda xp, x: xp.array(x))
alias = structural("alias", lambda g: g, kernel=lambda xp, x: x[...], view=True)
contiguous = structural("contiguous", lambda g: g, kernel=lambda xp, x: xp.array(x, order="C"), node="CloneBackward0")
flip = structural(
    "flip", lambda g, *, dims: flip(g, dims=dims), kernel=lambda xp, x, *, dims: xp.array(xp.flip(x, dims))
)
roll = structural(
    "roll",
    lambda g, *, shifts, dims: roll(g, shifts=tuple(-s for s in shifts), dims=dims),
    kernel=lambda xp, x, *, shifts, dims: xp.roll(x, shifts, dims) if dims else xp.roll(x, shifts[0]),
)
repeat = structural(
    "repeat",
    lambda g, _x, *, repeats: _sum_repeats(g, _x, repeats),
    kernel=lambda xp, x, *, repeats: xp.tile(x, repeats),
)


def _sum_repeats(g, _x, repeats):
    shape = (1,) * (len(repeats) - len(_x.shape)) + tuple(_x.shape)
    split = tuple(n for pair in zip(repeats, shape, strict=True) for n in pair)
    target = tuple(n for n in shape for n in (1, n))
    return reshape(sum_to(reshape(g, shape=split), shape=target), shape=tuple(_x.shape))


diagonal = structural(
    "diagonal",
    lambda g, _x, *, offset, dim1, dim2: diagonal_scatter(
        zeros(g, shape=_x.shape), g, offset=offset, dim1=dim1, dim2=dim2
    ),
    kernel=lambda xp, x, *, offset, dim1, dim2: xp.diagonal(x, offset, dim1, dim2),
    view=True,
)
diagonal_scatter = structural(
    "diagonal_scatter",
    lambda g, _x, _v, *, offset, dim1, dim2: diagonal_scatter(
        g, zeros(g, shape=_v.shape), offset=offset, dim1=dim1, dim2=dim2
    ),
    lambda g, _x, _v, *, offset, dim1, dim2: diagonal(g, offset=offset, dim1=dim1, dim2=dim2),
    kernel=lambda xp, x, v, *, offset, dim1, dim2: _with_diagonal(xp, x, v, offset, dim1, dim2),
    promotes="args",
)


def _with_diagonal(xp, x, v, offset, dim1, dim2):
    y = xp.array(x)
    where_ = xp.diagonal(xp.reshape(xp.arange(x.size), x.shape), offset, dim1, dim2)
    return xp.reshape(xp.put(xp.reshape(y, (-1,)), where_, v), x.shape)


as_strided = general(  # `source` is the layout of the argument: size, strides and offset, counted in elements
    "as_strided",
    lambda g, _y, _x, *, size, stride, storage_offset, source: _to_source(g, (size, stride, storage_offset), source),
    push=lambda ts, _y, _x, *, size, stride, storage_offset, source: _from_source(
        ts[0], source, (size, stride, storage_offset)
    ),
    kernel=lambda xp, x, *, size, stride, storage_offset, source: xp.as_strided_view(x, size, stride, storage_offset),
    view=True,
)


def _to_source(g, result, source):
    """The cotangents added up in the storage; elements of the source that share a place there share what came."""
    there, here, length = places(*result), places(*source), _storage_length(result, source)
    y = _relaid(g, there, here, length)
    count = _sharing(here, length, y)
    return y if count is None else y / count


def _from_source(t, source, result):
    """The tangents written into the storage, and read from there."""
    here, there, length = places(*source), places(*result), _storage_length(result, source)
    count = _sharing(here, length, t)
    return _relaid(t if count is None else t / count, here, there, length)


def _relaid(v, here, there, length):
    from refgrad.ops.indexing import flat_index, flat_index_add

    return reshape(flat_index(flat_index_add(v, positions=here, length=length), positions=there), shape=there.shape)


def _sharing(places, length, x):
    """How many elements lie at the place of each, where and of the dtype that `x` has; or None if all lie alone."""
    xp = namespace()
    count = xp.reshape(xp.bincount(xp.reshape(places, (-1,)), minlength=length)[places], places.shape)
    return None if (count == 1).all() else of_host(count.astype(getattr(x.dtype, "array", x.dtype)), x)


def _storage_length(*layouts):
    length = 1
    for size, stride, offset in layouts:
        for n, s in zip(size, stride, strict=True):
            offset += (n - 1) * s  # noqa: PLW2901
        length = max(length, offset + 1)
    return length


def places(size, stride, offset):
    """The positions in the storage of the elements of this layout."""
    xp = namespace()
    places = xp.asarray(offset)
    for n, s in zip(size, stride, strict=True):
        places = places[..., None] + s * xp.arange(n)
    return places


unfold = structural(
    "unfold",
    lambda g, _x, *, dimension, size, step: _from_unfold(g, _x, dimension, size, step),
    kernel=lambda xp, x, *, dimension, size, step: xp.unfold_view(x, dimension, size, step),
    view=True,
)


def _from_unfold(g, _x, dimension, size, step):
    from refgrad.ops.indexing import flat_index_add

    xp = namespace()
    index = xp.unfold_view(xp.reshape(xp.arange(_numel(_x.shape)), _x.shape), dimension, size, step)
    return reshape(flat_index_add(g, positions=index, length=_numel(_x.shape)), shape=tuple(_x.shape))


def _numel(shape):
    n = 1
    for k in shape:
        n *= k
    return n


def kept(g, _x, dim, keepdim):
    """A reduction's cotangent (or result) with the reduced dimensions of `_x` put back as ones."""
    if keepdim:
        return g
    if dim is None:
        return reshape(g, shape=(1,) * len(_x.shape))
    shape = list(_x.shape)
    for d in dim if shape else ():
        shape[d] = 1
    return reshape(g, shape=tuple(shape))


def _joined_slice(g, _xs, dim, argument):
    from refgrad.ops.indexing import narrow

    dim = dim % len(g.shape)
    start = sum(x.shape[dim] for x in _xs[:argument])
    return narrow(g, dim=dim, start=start, length=_xs[argument].shape[dim])


cat = structural(
    "cat",
    lambda g, *_xs, dim, argument: _joined_slice(g, _xs, dim, argument),
    kernel=lambda xp, *xs, dim: xp.concatenate(xs, axis=dim),
    promotes="args",
)


def _stacked_item(g, dim, argument):
    from refgrad.ops.indexing import getitem

    return getitem(g, index=(*(slice(None),) * (dim % len(g.shape)), argument))


stack = structural(
    "stack",
    lambda g, *_xs, dim, argument: _stacked_item(g, dim, argument),
    kernel=lambda xp, *xs, dim: xp.stack(xs, axis=dim),
    promotes="args",
)
unbind = structural(
    "unbind",
    lambda g, _x, *, dim: stack(*g, dim=dim % len(_x.shape)),
    kernel=lambda xp, x, *, dim: tuple(xp.moveaxis(x, dim, 0)[i, ...] for i in range(x.shape[dim])),
    outputs=0,
    view=True,
)
split = structural(
    "split",
    lambda g, *, dim: cat(*g, dim=dim),
    kernel=lambda xp, x, *, sizes, dim: _pieces(x, sizes, dim),
    outputs=0,
    view=True,
    node=lambda x, sizes, dim: "SplitBackward0",
)


def _pieces(x, sizes, dim):
    dim %= x.ndim
    starts = [sum(sizes[:i]) for i in range(len(sizes))]
    return tuple(x[(*(slice(None),) * dim, slice(s, s + n))] for s, n in zip(starts, sizes, strict=True))


def conjugate_transpose(x):
    """The adjoint of matrices."""
    return conj(mT(x))
