"""What slides windows over the trailing dimensions: the windows themselves, their transpose, and where each is
largest.

Pooling, `unfold` and `fold` are written on top, in `refgrad.api`. Attributes have one entry for each dimension slid
over.
"""

from __future__ import annotations

from refgrad.backends import windows as kernels
from refgrad.rules import discrete, structural

windows = structural(  # (*lead, *sizes) -> (*lead, *out, *kernel), zeros for padding
    "windows",
    lambda g, _x, *, out, stride, padding, dilation: overlap_add(
        g, size=tuple(_x.shape[_x.ndim - len(out) :]), stride=stride, padding=padding, dilation=dilation
    ),
    kernel=kernels.windows,
    node="Im2ColBackward0",
)
overlap_add = structural(  # (*lead, *out, *kernel) -> (*lead, *size)
    "overlap_add",
    lambda g, _x, *, size, stride, padding, dilation: windows(
        g,
        out=tuple(_x.shape[_x.ndim - 2 * len(size) : _x.ndim - len(size)]),
        kernel=tuple(_x.shape[_x.ndim - len(size) :]),
        stride=stride,
        padding=padding,
        dilation=dilation,
    ),
    kernel=kernels.overlap_add,
    node="Col2ImBackward0",
)
window_argmax = discrete("window_argmax", kernel=kernels.window_argmax, promotes="none")
bin_argmax = discrete("bin_argmax", kernel=kernels.bin_argmax, promotes="none")
