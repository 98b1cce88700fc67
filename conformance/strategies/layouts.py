"""How a tensor lies in memory: leaves are contiguous, and operators on a leaf give it its layout, so that any engine can be asked."""

from __future__ import annotations

from conformance.recorder import Handle, Recorder
from conformance.strategies.variations import allows

TILES = {"all": (5, 17), "rows": (43, 1)}
"""How often a small truth is repeated along two dimensions: enough for blocked and vectorised loops, with a remainder."""


def leaf_shape(layout: str, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of the leaf that takes this shape when it is laid out."""
    if not allows(layout, shape):
        return shape
    if layout == "transposed":
        return shape[::-1]
    if layout == "sliced":
        return (*shape[:-1], 2 * shape[-1])
    if layout == "channels-last":
        return (shape[0], *shape[2:], shape[1])
    return (1, *shape[1:]) if layout == "expanded" else shape


def laid_out(p: Recorder, leaf: Handle, layout: str, shape: tuple[int, ...], *, tiles: str = "") -> Handle:
    """The leaf in a layout; a tiling is larger than its shape."""
    if not allows(layout, shape):
        return leaf
    if layout == "transposed":
        return p.op("permute", leaf, dims=tuple(range(len(shape)))[::-1])
    if layout == "sliced":
        return p.op("getitem", leaf, index=(Ellipsis, slice(1, None, 2)))
    if layout == "channels-last":
        return p.op("permute", leaf, dims=(0, 3, 1, 2))
    if layout == "tiled":
        return p.op("repeat", leaf, repeats=TILES[tiles])
    return p.op("expand", leaf, size=shape) if layout == "expanded" else leaf
