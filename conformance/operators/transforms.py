"""Discrete Fourier transforms of two and more dimensions and of Hermitian signals, and what moves their zero frequency.

Those of one dimension, and the most used of several, are in `spectral`. Of the first element of a Hermitian signal, and of
the middle one where the size is even, the imaginary part plays no role: the complex copies of the cases ask for its gradient.
"""

from __future__ import annotations

from conformance.operators.sampling import calls, per_argument, regions
from conformance.operators.spec import operator

_SIGNAL = per_argument(regions(without="subnormal huge integers negative tiny", boundary=(0.0,)))
_TO_COMPLEX = {"regions": _SIGNAL, "complex": True, "result": "complex"}
_TO_REAL = {"regions": _SIGNAL, "complex": True, "result": "real"}  # of the first half of a Hermitian signal
_HALF = {"regions": _SIGNAL, "result": "complex"}  # of a real signal

_PAIR = (
    ("regular", (2, 3), {}), ("even", (3, 4), {}), ("sizes", (2, 3), {"s": (3, 2)}), ("kept-size", (2, 3), {"s": (3, -1)}), ("dims", (2, 2, 3), {"dim": (-1, 0)}),
    ("ortho", (2, 2), {"norm": "ortho"}), ("forward", (3, 3), {"norm": "forward"}), ("size-1", (1, 2), {}),
)  # fmt: skip
_ALL = (
    ("regular", (2, 3), {}), ("cube", (2, 1, 4), {}), ("last-sizes", (2, 3, 2), {"s": (2, 4)}), ("one-dim", (3, 2), {"dim": (-2,)}),
    ("dims", (2, 2, 3), {"dim": (2, 0), "s": (3, 3)}), ("backward", (4,), {"norm": "backward"}), ("ortho", (3, 2), {"norm": "ortho"}), ("forward", (3,), {"norm": "forward"}),
)  # fmt: skip
_ONE = (
    ("regular", (2, 4), {}), ("odd", (5,), {}), ("first", (3, 2), {"dim": 0}), ("shorter", (5,), {"n": 3}), ("longer", (3,), {"n": 7}), ("even-longer", (2,), {"n": 6}),
    ("ortho", (4,), {"norm": "ortho"}), ("forward", (3,), {"norm": "forward"}), ("single", (2,), {"n": 1}),
)  # fmt: skip

operator(
    "fft.ifft2(input, *, s=OMITTED, dim=(-2, -1), norm=OMITTED)", core=False, sampling=calls(*_PAIR, **_TO_COMPLEX)
)
operator("fft.ifftn(input, *, s=OMITTED, dim=OMITTED, norm=OMITTED)", core=False, sampling=calls(*_ALL, **_TO_COMPLEX))
operator("fft.hfft(input, *, n=OMITTED, dim=-1, norm=OMITTED)", core=False, sampling=calls(*_ONE, **_TO_REAL))
operator(
    "fft.ihfft(input, *, n=OMITTED, dim=-1, norm=OMITTED)",
    core=False,
    sampling=calls(*_ONE, ("size-1", (1,), {}), **_HALF),
)
for _name, _kind in {"rfft": _HALF, "ihfft": _HALF, "irfft": _TO_REAL, "hfft": _TO_REAL}.items():
    operator(
        f"fft.{_name}2(input, *, s=OMITTED, dim=(-2, -1), norm=OMITTED)", core=False, sampling=calls(*_PAIR, **_kind)
    )
    operator(
        f"fft.{_name}n(input, *, s=OMITTED, dim=OMITTED, norm=OMITTED)", core=False, sampling=calls(*_ALL, **_kind)
    )
for _name in ("fftshift", "ifftshift"):
    operator(f"fft.{_name}(input, *, dim=None)", core=False, sampling=calls(
        ("regular", (2, 3), {}), ("one-dim", (3, 2), {"dim": (0,)}), ("negative", (2, 5), {"dim": (-1,)}), ("cube", (2, 3, 4), {"dim": (2, 0)}),
        ("size-1", (1,), {}), ("empty", (0, 3), {"dim": (1,)}), regions=_SIGNAL, complex=True,
    ))  # fmt: skip
