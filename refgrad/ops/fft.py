"""Discrete Fourier transforms: complex to complex, real to half complex, half complex to real.

`scale` is "none", "sqrt" or "full": what the transform divides by; of n elements n⁰, √n or n. Trimming, padding,
`norm` and the Hermitian forms are written on top, in `refgrad.api`.
"""

from __future__ import annotations

from refgrad.ops.indexing import narrow
from refgrad.ops.padding import constant_pad
from refgrad.rules import structural

FORWARD = {"none": "backward", "sqrt": "ortho", "full": "forward"}
BACKWARD = {"none": "forward", "sqrt": "ortho", "full": "backward"}

c2c = structural(  # the transpose turns the other way round
    "c2c",
    lambda g, *, dim, scale, forward: c2c(g, dim=dim, scale=scale, forward=not forward),
    kernel=lambda xp, x, *, dim, scale, forward: (
        xp.fft.fftn(x, axes=dim, norm=FORWARD[scale]) if forward else xp.fft.ifftn(x, axes=dim, norm=BACKWARD[scale])
    ),
    node="FftC2CBackward0",
)
r2c = structural(  # of the last of `dim` the first half is kept; `conform` takes the real part of the cotangent
    "r2c",
    lambda g, _x, *, dim, scale: c2c(
        _lengthened(g, dim[-1], _x.shape[dim[-1]] - g.shape[dim[-1]]), dim=dim, scale=scale, forward=False
    ),
    kernel=lambda xp, x, *, dim, scale: xp.fft.rfftn(x, axes=dim, norm=FORWARD[scale]),
    node="FftR2CBackward0",
)
c2r = structural(  # `size` is that of the last of `dim`, of whose spectrum the first half is given
    "c2r",
    lambda g, *, dim, scale: _twice_inside(r2c(g, dim=dim, scale=scale), dim[-1], (g.shape[dim[-1]] - 1) // 2),
    kernel=lambda xp, x, *, dim, scale, size: xp.fft.irfftn(
        x, s=(*(x.shape[d] for d in dim[:-1]), size), axes=dim, norm=BACKWARD[scale]
    ),
    node="FftC2RBackward0",
)


def _lengthened(x, dim, n, before=0):
    return constant_pad(x, pad=(0, 0) * (x.ndim - 1 - dim) + (before, n), value=0)


def _twice_inside(x, dim, n):  # what stands for two elements of the spectrum counts twice
    inside = narrow(x, dim=dim, start=1, length=n)
    return x + _lengthened(inside, dim, x.shape[dim] - 1 - n, before=1)
