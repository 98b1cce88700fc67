"""Padding with a constant, and cutting off, which undoes it. What repeats elements (reflect, replicate, circular)
selects them by index and is written on top, in `refgrad.api`.
"""

from __future__ import annotations

from refgrad.rules import general

constant_pad = general(  # `pad` counts from the last dimension: (left, right, top, bottom, …); negative cuts off
    "constant_pad",
    lambda g, _y, _x, *, pad: constant_pad(g, pad=tuple(-n for n in pad), value=0),
    push=lambda t, _y, _x, *, pad: constant_pad(t[0], pad=pad, value=0),
    kernel=lambda xp, x, *, pad, value: _padded(xp, x, _widths(pad, x.ndim), value),
    node="ConstantPadNdBackward0",
)


def _widths(pad, ndim):
    pairs = [(pad[i], pad[i + 1]) for i in range(0, len(pad), 2)]
    return [(0, 0)] * (ndim - len(pairs)) + pairs[::-1]


def _padded(xp, x, widths, value):
    cut = tuple(slice(max(-a, 0), n - max(-b, 0)) for n, (a, b) in zip(x.shape, widths, strict=True))
    grown = [(max(a, 0), max(b, 0)) for a, b in widths]
    return xp.pad(x[(..., *cut)], grown, constant_values=value)
