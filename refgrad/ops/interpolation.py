"""Resampling along one dimension: the one linear map of which interpolation and adaptive average pooling are made.

`taps` says which places each result sums and with which weights; they are made in `refgrad.backends.resampling`.
"""

from __future__ import annotations

from refgrad.backends import resampling
from refgrad.rules import constant, structural

resample = structural(  # the transposed map is given by the transposed taps
    "resample",
    lambda g, *, dim, taps: resample(g, dim=dim, taps=resampling.transposed(taps)),
    kernel=resampling.resample,
    node="UpsampleBackward0",
)
one = constant("one", kernel=lambda xp, x: xp.ones_like(x), node="OneBackward0")  # the weight of a nearest place
