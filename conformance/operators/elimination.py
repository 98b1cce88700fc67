"""Factors by elimination, what is solved with triangular and Cholesky factors, and what says by an integer where it failed."""

from __future__ import annotations

from conformance.operators.sampling import Choice, both, calls, each, per_argument
from conformance.operators.spec import operator

_MATRIX = per_argument({
    "ordinary": both(-1.0, 1.0), "large": each((1e3, 1e5), (1e2, 1e3), signed=True),
    "small": each((1e-6, 1e-4), (1e-4, 1e-2), signed=True),
})  # fmt: skip
_ANY = {"regions": _MATRIX, "structured": "any", "complex": True}
_INVERTIBLE = {"regions": _MATRIX, "structured": "invertible", "complex": True}
_TRIANGULAR = {"regions": _MATRIX, "structured": "triangular", "complex": True, "layouts": False}

# Factors, of matrices whose rows are exchanged: square, tall and wide.

_EXCHANGED = {"regions": _MATRIX, "structured": "exchanged", "complex": True, "layouts": False}
_SHAPES = (
    ("regular", (3, 3), {}), ("tall", (3, 2), {}), ("wide", (2, 3), {}), ("stack", (2, 2, 2), {}), ("size-1", (1, 1), {}),
    ("column", (3, 1), {}), ("row", (1, 3), {}), ("empty", (0, 2), {}), ("empty-inner", (2, 0), {}),
)  # fmt: skip
operator(
    "linalg.lu(A, *, pivot=True)",
    outputs=3,
    core=False,
    sampling=calls(*_SHAPES, arguments=("A",), floating_outputs=(1, 2), **_EXCHANGED),
)
operator("linalg.lu_factor(A, *, pivot=True)", outputs=2, core=False, sampling=calls(
    *_SHAPES, arguments=("A",), floating_outputs=(0,), **_EXCHANGED,
))  # fmt: skip
operator("linalg.lu_factor_ex(A, *, pivot=True, check_errors=False)", outputs=3, core=False, sampling=calls(
    *_SHAPES[:5], ("checked", (2, 2), {"check_errors": True}), arguments=("A",), floating_outputs=(0,), **_EXCHANGED,
))  # fmt: skip
operator("lu(A, *, pivot=True, get_infos=False)", outputs=2, core=False, sampling=calls(
    *_SHAPES[:4], ("infos", (2, 2), {"get_infos": True, "outputs": 3}), arguments=("A",), floating_outputs=(0,), **_EXCHANGED,
))  # fmt: skip

# What is solved with them. Any rows may have been exchanged; the lower factor holds nothing above 1, since pivots are largest.

_PIVOTS = {"choices": {"pivots": Choice("pivots"), "LU_pivots": Choice("pivots")}}
_FACTORS = _INVERTIBLE | {"regions": {name: region for name, region in _MATRIX.items() if name != "large"}}
operator("linalg.lu_solve(LU, pivots, B, *, left=True, adjoint=False)", core=False, sampling=calls(
    ("regular", (3, 3), (3,), (3, 2), {}), ("regular", (2, 2), (2,), (2, 3), {"adjoint": True}), ("right", (2, 2), (2,), (3, 2), {"left": False}),
    ("right", (2, 2), (2,), (1, 2), {"left": False, "adjoint": True}), ("stack", (2, 2, 2), (2, 2), (2, 2, 1), {}), ("stack-shared", (2, 2), (2,), (2, 2, 1), {}),
    ("size-1", (1, 1), (1,), (1, 2), {}), ("none", (2, 2), (2,), (2, 0), {}), arguments=("LU", "pivots", "B"), **_PIVOTS, **_FACTORS,
))  # fmt: skip
operator("lu_solve(b, LU_data, LU_pivots)", core=False, sampling=calls(
    ("regular", (3, 3), (3,), (3, 2), {}), ("stack", (2, 2, 2), (2, 2), (2, 2, 1), {}), arguments=("LU_data", "LU_pivots", "b"), **_PIVOTS, **_FACTORS,
))  # fmt: skip
operator("lu_unpack(LU_data, LU_pivots, *, unpack_data=True, unpack_pivots=True)", outputs=3, core=False, sampling=calls(
    ("regular", (3, 3), (3,), {}), ("tall", (3, 2), (2,), {"choices": {"LU_pivots": Choice("pivots", 3)}}), ("wide", (2, 3), (2,), {}),
    ("stack", (2, 2, 2), (2, 2), {}), ("size-1", (1, 1), (1,), {}), ("factors", (2, 2), (2,), {"unpack_pivots": False}),
    arguments=("LU_data", "LU_pivots"), floating_outputs=(1, 2), **_PIVOTS, **_ANY,
))  # fmt: skip

# Triangular systems: what lies beside the triangle is not read.

_TRIANGLES = (
    ("regular", (3, 3), (3, 2), {"upper": False}), ("regular", (2, 2), (2, 3), {"upper": True}),
    ("unit", (3, 3), (3, 1), {"upper": True, "unitriangular": True}), ("unit", (2, 2), (2, 2), {"upper": False, "unitriangular": True}),
)  # fmt: skip
operator("linalg.solve_triangular(A, B, *, upper, left=True, unitriangular=False)", core=False, sampling=calls(
    *_TRIANGLES, ("right", (2, 2), (3, 2), {"upper": True, "left": False}), ("right", (2, 2), (1, 2), {"upper": False, "left": False, "unitriangular": True}),
    ("stack", (2, 2, 2), (2, 2, 1), {"upper": True}), ("stack-shared", (2, 2), (2, 2, 1), {"upper": False}), ("size-1", (1, 1), (1, 2), {"upper": True}),
    ("none", (2, 2), (2, 0), {"upper": True}), ("empty", (0, 0), (0, 2), {"upper": True}), arguments=("A", "B"), **_INVERTIBLE,
))  # fmt: skip
operator("triangular_solve(b, A, *, upper=True, transpose=False, unitriangular=False)", outputs=2, core=False, sampling=calls(
    *_TRIANGLES, ("transposed", (2, 2), (2, 2), {"transpose": True}), ("transposed", (2, 2), (2, 1), {"upper": False, "transpose": True, "unitriangular": True}),
    ("stack", (2, 2, 2), (2, 2, 1), {}), ("size-1", (1, 1), (1, 2), {}), arguments=("A", "b"), **_INVERTIBLE,
))  # fmt: skip

# Cholesky factors, and what is solved with them.

_POSITIVE = {"regions": _MATRIX, "structured": "spd", "layouts": False, "complex": True}
operator("cholesky(input, *, upper=False)", core=False, sampling=calls(
    ("regular", (3, 3), {}), ("regular", (2, 2), {"upper": True}), ("stack", (2, 2, 2), {}), ("size-1", (1, 1), {}), forward=False, **_POSITIVE,
))  # fmt: skip
operator("linalg.cholesky_ex(A, *, upper=False, check_errors=False)", outputs=2, core=False, sampling=calls(
    ("regular", (3, 3), {}), ("regular", (2, 2), {"upper": True}), ("stack", (2, 2, 2), {}), ("size-1", (1, 1), {}),
    ("checked", (2, 2), {"check_errors": True}), arguments=("A",), floating_outputs=(0,), **_POSITIVE,
))  # fmt: skip
operator("cholesky_inverse(L, *, upper=False)", core=False, sampling=calls(
    ("regular", (3, 3), {"upper": False}), ("regular", (2, 2), {"upper": True}), ("stack", (2, 2, 2), {"upper": False}), ("size-1", (1, 1), {"upper": False}),
    ("empty", (0, 0), {"upper": False}), arguments=("L",), **_TRIANGULAR,
))  # fmt: skip
operator("cholesky_solve(B, L, *, upper=False)", core=False, sampling=calls(
    ("regular", (3, 3), (3, 2), {"upper": False}), ("regular", (2, 2), (2, 2), {"upper": True}), ("stack", (2, 2, 2), (2, 2, 1), {"upper": False}),
    ("stack-shared", (2, 2), (2, 2, 1), {"upper": True}), ("size-1", (1, 1), (1, 2), {"upper": False}), arguments=("L", "B"), **_TRIANGULAR,
))  # fmt: skip

# Inverse and solving that raise nothing.

operator("linalg.inv_ex(A, *, check_errors=False)", outputs=2, core=False, sampling=calls(
    ("regular", (3, 3), {}), ("stack", (2, 2, 2), {}), ("size-1", (1, 1), {}), ("checked", (2, 2), {"check_errors": True}), ("empty", (0, 0), {}),
    arguments=("A",), floating_outputs=(0,), **_INVERTIBLE,
))  # fmt: skip
operator("linalg.solve_ex(A, B, *, left=True, check_errors=False)", outputs=2, core=False, sampling=calls(
    ("regular", (3, 3), (3, 2), {}), ("vector", (2, 2), (2,), {}), ("stack", (2, 2, 2), (2, 2, 1), {}), ("right", (2, 2), (3, 2), {"left": False}),
    ("stack-shared", (2, 2), (2, 2, 1), {}), ("size-1", (1, 1), (1, 1), {}), ("checked", (2, 2), (2, 1), {"check_errors": True}),
    arguments=("A", "B"), floating_outputs=(0,), **_INVERTIBLE,
))  # fmt: skip
