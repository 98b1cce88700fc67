"""Reading and writing elements by position: slices (views), index arrays (copies), gather and scatter."""

from __future__ import annotations

from refgrad.rules import reshape, structural, where, zeros


def _node_of_index(x, index):
    if any(isinstance(i, int) for i in index):
        return "SelectBackward0"
    if any(i is None for i in index):
        return "UnsqueezeBackward0"
    return "SliceBackward0" if any(i not in (Ellipsis, slice(None)) for i in index) else "AliasBackward0"


getitem = structural(
    "getitem",  # `index` holds integers, slices, None and an Ellipsis: the result is a view
    lambda g, _x, *, index: setitem(zeros(g, shape=tuple(_x.shape)), g, index=index),
    kernel=lambda xp, x, *, index: x[(*index, ...) if Ellipsis not in index else index],
    node=_node_of_index,
    view=True,
)


def _with_item(xp, x, v, *, index):
    y = xp.array(x)
    y[index] = v
    return y


setitem = structural(
    "setitem",
    lambda g, _x, _v, *, index: setitem(g, 0.0, index=index),
    lambda g, *, index: getitem(g, index=index),
    kernel=_with_item,
    node="SliceScatterBackward0",
    promotes="args",
)


def narrow(x, *, dim, start, length):  # noqa: ANN201
    """The elements from `start` on, `length` of them, along one dimension: a view."""
    return getitem(x, index=(*(slice(None),) * dim, slice(start, start + length)))


index = structural(  # index arrays: None stands for a whole dimension
    "index",
    lambda g, _x, *at: _index_add(g, _x, at),
    None,
    kernel=lambda xp, x, *at: x[tuple(slice(None) if i is None else i for i in at)],
)


def _index_add(g, _x, at):
    return index_put(zeros(g, shape=tuple(_x.shape)), g, *at, accumulate=True)


index_put = structural(
    "index_put",
    lambda g, _x, _v, *at, accumulate: g if accumulate else index_put(g, zeros(g, shape=()), *at, accumulate=False),
    lambda g, _x, _v, *at, accumulate: index(g, *at),
    None,
    kernel=lambda xp, x, v, *at, accumulate: xp.put(
        x, tuple(slice(None) if i is None else i for i in at), v, accumulate
    ),
)
flat_index = structural(
    "flat_index",
    lambda g, _x, *, positions: reshape(
        flat_index_add(g, positions=positions, length=_numel(_x.shape)), shape=tuple(_x.shape)
    ),
    kernel=lambda xp, x, *, positions: xp.reshape(x, (-1,))[xp.from_host(positions)],
)
flat_index_add = structural(
    "flat_index_add",
    lambda g, _x, *, positions: reshape(flat_index(g, positions=positions), shape=tuple(_x.shape)),
    kernel=lambda xp, x, *, positions, length: xp.put(
        xp.zeros(length, x.dtype), positions.reshape(-1), xp.reshape(x, (-1,)), accumulate=True
    ),
)


def _numel(shape):
    n = 1
    for k in shape:
        n *= k
    return n


copy_slices = (
    structural(  # what a base becomes when a view of it is modified in place: `positions` are the view's elements
        "copy_slices",
        lambda g, *, positions: copy_slices(g, 0.0, positions=positions),
        lambda g, _x, _v, *, positions: reshape(flat_index(g, positions=positions), shape=tuple(_v.shape)),
        kernel=lambda xp, x, v, *, positions: xp.reshape(xp.put(xp.reshape(x, (-1,)), positions, v), x.shape),
        node="CopySlices",
    )
)


def _along(xp, x, at, dim):
    """Index arrays for `at` along `dim`, and the positions themselves in the other dimensions."""
    if not x.ndim:
        return (Ellipsis,)
    grid = [xp.reshape(xp.arange(n), (-1,) + (1,) * (at.ndim - i - 1)) for i, n in enumerate(at.shape)]
    grid[dim % x.ndim] = at
    return tuple(grid)


gather = structural(
    "gather",
    lambda g, _x, at, *, dim: scatter_add(zeros(g, shape=tuple(_x.shape)), at, g, dim=dim),
    None,
    kernel=lambda xp, x, at, *, dim: (
        xp.reshape(x[_along(xp, x, at, dim)], at.shape) if at.size else xp.zeros(at.shape, x.dtype)
    ),
)
scatter = structural(
    "scatter",
    lambda g, _x, at, _v, *, dim: scatter(g, at, zeros(g, shape=tuple(at.shape)), dim=dim),
    None,
    lambda g, _x, at, _v, *, dim: _covered(gather(g, at, dim=dim), _v, "Scatter"),
    kernel=lambda xp, x, at, v, *, dim: (
        xp.put(x, _along(xp, x, at, dim), _first(xp, x, v, at)) if at.size else xp.array(x)
    ),
)
scatter_add = structural(
    "scatter_add",
    lambda g: g,
    None,
    lambda g, _x, at, _v, *, dim: _covered(gather(g, at, dim=dim), _v, "ScatterAdd"),
    kernel=lambda xp, x, at, v, *, dim: (
        xp.put(x, _along(xp, x, at, dim), _first(xp, x, v, at), accumulate=True) if at.size else xp.array(x)
    ),
)


def _first(xp, x, v, at):
    """The part of the source that the index covers."""
    if not hasattr(v, "shape"):
        return v
    if not x.ndim:
        return xp.reshape(v, ())
    return v[tuple(slice(n) for n in at.shape)] if v.shape != at.shape and v.ndim == at.ndim else v


def _covered(c, _v, name):
    """The cotangent of a source: documented to exist only where the index covers all of it."""
    if _v.shape and tuple(_v.shape) != tuple(c.shape):
        raise RuntimeError(
            f"Function {name}Backward0 returned an invalid gradient at index 1 - got {list(c.shape)} but expected shape "
            f"compatible with {list(_v.shape)}: the backward pass needs src.shape == index.shape"
        )
    return c


index_select = structural(
    "index_select",
    lambda g, _x, at, *, dim: index_add(zeros(g, shape=tuple(_x.shape)), at, g, dim=dim, alpha=1),
    None,
    kernel=lambda xp, x, at, *, dim: xp.take(x, at, axis=dim) if x.ndim else xp.array(x),
)
index_add = structural(
    "index_add",
    lambda g: g,
    None,
    lambda g, _x, at, _v, *, dim, alpha: index_select(g, at, dim=dim) * alpha,
    kernel=lambda xp, x, at, v, *, dim, alpha: (
        xp.put(x, (*(slice(None),) * (dim % x.ndim), at), v * alpha, accumulate=True)
        if x.ndim
        else x + xp.reshape(v, ()) * alpha
    ),
)
index_copy = structural(
    "index_copy",
    lambda g, _x, at, _v, *, dim: index_copy(g, at, zeros(g, shape=tuple(_v.shape)), dim=dim),
    None,
    lambda g, _x, at, _v, *, dim: index_select(g, at, dim=dim),
    kernel=lambda xp, x, at, v, *, dim: xp.put(x, (*(slice(None),) * (dim % max(x.ndim, 1)), at), v),
)


def masked_fill(x, mask, value):  # noqa: ANN201
    """`value` where the mask is true, else `x`."""
    return where(mask, value, x)
