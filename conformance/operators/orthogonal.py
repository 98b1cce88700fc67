"""Eigenvalues and singular values by themselves, older forms of decompositions, and products of reflectors."""

from __future__ import annotations

from conformance.operators.sampling import both, calls, each, per_argument
from conformance.operators.spec import operator

_MATRIX = per_argument({"ordinary": both(-1.0, 1.0), "large": each((1e3, 1e5), (1e2, 1e3), signed=True)})
_ANY = {"regions": _MATRIX, "structured": "any", "complex": True}
_STRETCHED = _ANY | {"structured": "stretched"}

operator("linalg.eigvals(A)", core=False, sampling=calls(
    ("regular", (3, 3), {}), ("order-2", (2, 2), {}), ("stack", (2, 2, 2), {}), ("size-1", (1, 1), {}), ("empty", (0, 0), {}),
    arguments=("A",), invariant="spectrum", result="real", **(_ANY | {"structured": "turning"}),
))  # fmt: skip
operator("linalg.eigvalsh(A, *, UPLO='L')", core=False, sampling=calls(
    ("regular", (3, 3), {}), ("upper", (2, 2), {"UPLO": "U"}), ("stack", (2, 2, 2), {}), ("size-1", (1, 1), {}), ("empty", (0, 0), {}),
    arguments=("A",), regions=_MATRIX, structured="spd", layouts=False, complex=True, result="real",
))  # fmt: skip
operator("linalg.svdvals(A, *, driver=None)", core=False, sampling=calls(
    ("regular", (2, 2), {}), ("tall", (3, 2), {}), ("wide", (2, 3), {}), ("stack", (2, 2, 2), {}), ("size-1", (1, 1), {}), ("row", (1, 3), {}),
    ("empty", (0, 2), {}), arguments=("A",), result="real", **_STRETCHED,
))  # fmt: skip
operator("svd(input, *, some=True, compute_uv=True)", outputs=3, core=False, sampling=calls(
    ("regular", (2, 2), {}), ("tall", (3, 2), {}), ("wide", (2, 3), {}), ("stack", (2, 2, 2), {}), ("size-1", (1, 1), {}), ("full", (2, 2), {"some": False}),
    invariant="square", result="real", **_STRETCHED,
))  # fmt: skip
operator("qr(input, *, some=True)", outputs=2, core=False, sampling=calls(
    ("regular", (3, 2), {}), ("square", (2, 2), {}), ("wide", (2, 3), {}), ("stack", (2, 2, 1), {}), ("complete", (2, 2), {"some": False}),
    invariant="square", result="real", **(_ANY | {"structured": "invertible"}),
))  # fmt: skip

# Products of I - tau v vᴴ, for any tau: only of some of them are they orthogonal.

_REFLECTORS = per_argument({
    "ordinary": both(-1.0, 1.0), "large": each((1e2, 1e3), (1e1, 1e2), signed=True), "tiny": each((1e-30, 1e-10), (1e-20, 1e-6), by_magnitude=True, signed=True),
})  # fmt: skip
_PRODUCT = {"regions": _REFLECTORS, "structured": "any", "complex": True}
operator("linalg.householder_product(A, tau)", core=False, sampling=calls(
    ("regular", (3, 2), (2,), {}), ("square", (3, 3), (3,), {}), ("fewer", (3, 3), (2,), {}), ("none", (3, 2), (0,), {}), ("column", (3, 1), (1,), {}),
    ("stack", (2, 3, 2), (2, 2), {}), ("size-1", (1, 1), (1,), {}), ("empty", (2, 0), (0,), {}), arguments=("A", "tau"), **_PRODUCT,
))  # fmt: skip
operator("ormqr(input, tau, other, *, left=True, transpose=False)", core=False, sampling=calls(
    ("regular", (3, 2), (2,), (3, 2), {}), ("regular", (3, 2), (2,), (3, 1), {"transpose": True}), ("right", (3, 2), (2,), (2, 3), {"left": False}),
    ("right", (3, 2), (2,), (1, 3), {"left": False, "transpose": True}), ("square", (2, 2), (2,), (2, 2), {}), ("stack", (2, 3, 2), (2, 2), (2, 3, 1), {}),
    ("size-1", (1, 1), (1,), (1, 2), {}), arguments=("input", "tau", "other"), forward=False, **_PRODUCT,
))  # fmt: skip
