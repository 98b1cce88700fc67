"""Decompositions by spectra and orthogonal factors, and discrete Fourier transforms."""

from __future__ import annotations

from conformance.operators.sampling import both, calls, each, per_argument, regions
from conformance.operators.spec import operator

_MATRIX = per_argument({"ordinary": both(-1.0, 1.0), "large": each((1e3, 1e5), (1e2, 1e3), signed=True)})
_ORTHOGONAL = {"arguments": ("A",), "regions": _MATRIX, "invariant": "square", "complex": True, "result": "real"}
_SIGNAL = per_argument(regions(without="subnormal huge integers negative", boundary=(0.0,)))

operator("linalg.qr(A, *, mode='reduced')", outputs=2, sampling=calls(
    ("regular", (3, 2), {}), ("square", (2, 2), {}), ("wide", (2, 3), {}), ("stack", (2, 2, 1), {}), ("size-1", (1, 1), {}), ("complete", (2, 2), {"mode": "complete"}),
    structured="any", **_ORTHOGONAL,
))  # fmt: skip
operator("linalg.eigh(A, *, UPLO='L')", outputs=2, sampling=calls(
    ("regular", (3, 3), {}), ("upper", (2, 2), {"UPLO": "U"}), ("stack", (2, 2, 2), {}), ("size-1", (1, 1), {}),
    structured="spd", layouts=False, **_ORTHOGONAL,
))  # fmt: skip
operator("linalg.svd(A, *, full_matrices=True)", outputs=3, sampling=calls(
    ("regular", (2, 2), {}), ("thin", (3, 2), {"full_matrices": False}), ("wide", (2, 3), {"full_matrices": False}),
    ("stack", (2, 2, 2), {"full_matrices": False}), ("size-1", (1, 1), {}), structured="any", **_ORTHOGONAL,
))  # fmt: skip
operator("linalg.eig(A)", outputs=2, core=False, sampling=calls(
    ("regular", (3, 3), {}), ("order-2", (2, 2), {}), ("stack", (2, 2, 2), {}), ("size-1", (1, 1), {}), structured="any", **(_ORTHOGONAL | {"invariant": "spectrum"}),
))  # fmt: skip

# The transforms of real numbers, and of complex ones in the complex copies of the same cases.

_ALONG = (
    ("regular", (2, 4), {}), ("odd", (5,), {}), ("first", (3, 2), {"dim": 0}), ("negative", (3, 2), {"dim": -2}), ("shorter", (5,), {"n": 3}), ("longer", (3,), {"n": 5}),
    ("ortho", (4,), {"norm": "ortho"}), ("forward", (3,), {"norm": "forward"}), ("size-1", (1,), {}),
)  # fmt: skip
for _name in ("fft", "ifft", "rfft", "irfft"):
    operator(f"fft.{_name}(input, *, n=OMITTED, dim=-1, norm=OMITTED)", sampling=calls(
        *(row for row in _ALONG if _name != "irfft" or row[0] != "size-1"), regions=_SIGNAL, complex=_name != "rfft",
        result="real" if _name == "irfft" else "complex",
    ))  # fmt: skip
operator("fft.fft2(input, *, s=OMITTED, dim=(-2, -1), norm=OMITTED)", sampling=calls(
    ("regular", (2, 3), {}), ("sizes", (2, 3), {"s": (3, 2)}), ("dims", (2, 2, 2), {"dim": (0, -1)}), ("ortho", (2, 2), {"norm": "ortho"}),
    ("forward", (3, 1), {"norm": "forward"}), regions=_SIGNAL, complex=True, result="complex",
))  # fmt: skip
operator("fft.fftn(input, *, s=OMITTED, dim=OMITTED, norm=OMITTED)", sampling=calls(
    ("regular", (2, 3), {}), ("cube", (2, 1, 3), {}), ("sizes", (2, 3), {"s": (3, 2)}), ("dims", (2, 2, 2), {"dim": (-3, -1)}),
    ("ortho", (2, 2), {"norm": "ortho"}), ("forward", (3,), {"norm": "forward"}), regions=_SIGNAL, complex=True, result="complex",
))  # fmt: skip
