"""Functions of matrices, pseudoinverse and least squares, and tensors read as matrices."""

from __future__ import annotations

from conformance.operators.sampling import INF, both, calls, each, per_argument, points, regions
from conformance.operators.spec import operator

_MATRIX = per_argument({
    "ordinary": both(-1.0, 1.0), "large": each((1e3, 1e5), (1e2, 1e3), signed=True),
    "small": each((1e-6, 1e-4), (1e-4, 1e-2), signed=True),
})  # fmt: skip
_INVERTIBLE = {"regions": _MATRIX, "structured": "invertible", "complex": True}

# The exponential, where squaring begins and where it has gone on for some time; a shift, whose square is zero.

_EXPONENT = per_argument({
    "ordinary": both(-1.0, 1.0), "negative": both(-4.0, -1.0), "large": both(3.0, 8.0, signed=True), "zero": points(0.0),
    "tiny": each((1e-30, 1e-10), (1e-20, 1e-6), by_magnitude=True, signed=True), "equal": points(1.0),
})  # fmt: skip
for _name in ("matrix_exp",):
    operator(f"{_name}(input)", core=False, sampling=calls(
        ("regular", (3, 3), {}), ("size-1", (1, 1), {}), ("order-2", (2, 2), {}), ("stack", (2, 2, 2), {}), ("empty", (0, 0), {}),
        ("no-stack", (0, 2, 2), {}), ("order-4", (4, 4), {}), regions=_EXPONENT, complex=True,
    ))  # fmt: skip
operator("linalg.matrix_power(A, *, n)", core=False, sampling=calls(
    ("regular", (3, 3), {"n": 3}), ("regular", (2, 2), {"n": 2}), ("regular", (2, 2), {"n": 1}), ("zeroth", (2, 2), {"n": 0}),
    ("regular", (2, 2), {"n": 5}), ("inverse", (3, 3), {"n": -1}), ("inverse", (2, 2), {"n": -2}), ("stack", (2, 2, 2), {"n": 3}),
    ("size-1", (1, 1), {"n": 4}), ("empty", (0, 0), {"n": 2}), arguments=("A",), **_INVERTIBLE,
))  # fmt: skip
operator("logdet(input)", core=False, sampling=calls(
    ("regular", (3, 3), {}), ("size-1", (1, 1), {}), ("stack", (2, 2, 2), {}), ("order-2", (2, 2), {}), **_INVERTIBLE,
))  # fmt: skip
_NORMS = (("one", 1), ("minus-one", -1), ("inf", INF), ("minus-inf", -INF), ("fro", "fro"), ("nuclear", "nuc"))
operator("linalg.cond(A, *, p=OMITTED)", core=False, sampling=calls(
    ("regular", (2, 2), {}), ("regular", (2, 2), {"p": 2}), ("regular", (2, 2), {"p": -2}), ("tall", (3, 2), {}), ("wide", (2, 3), {"p": -2}),
    *((f"order-{label}", (2, 2), {"p": p}) for label, p in _NORMS), ("stack", (2, 2, 2), {}), ("size-1", (1, 1), {"p": 1}),
    arguments=("A",), result="real", **(_INVERTIBLE | {"structured": "stretched"}),
))  # fmt: skip

# Pseudoinverse: of full rank, tall and wide; of a rank that is less and stays so, since the leaf is a factor.

_FULL = {"regions": _MATRIX, "structured": "any", "complex": True}
operator("linalg.pinv(A, *, atol=None, rtol=None, hermitian=False)", core=False, sampling=calls(
    ("regular", (3, 2), {}), ("wide", (2, 3), {}), ("square", (2, 2), {}), ("stack", (2, 3, 2), {}), ("size-1", (1, 1), {}),
    ("column", (3, 1), {}), ("row", (1, 3), {}), ("hermitian", (2, 2), {"hermitian": True, "structured": "spd"}), ("rank-deficient", (3, 2), {"structured": "gram"}),
    ("rank-1", (3, 1), {"structured": "gram"}), ("rank-deficient", (3, 2), {"hermitian": True, "structured": "gram"}), ("tolerance", (3, 2), {"rtol": 1e-4}), ("tolerance", (2, 3), {"atol": 1e-7, "rtol": 0.0}),
    ("empty", (0, 2), {}), ("empty-inner", (2, 0), {}), arguments=("A",), **_FULL,
))  # fmt: skip
operator("pinverse(input, *, rcond=1e-15)", core=False, sampling=calls(
    ("regular", (3, 2), {}), ("wide", (2, 3), {}), ("regular", (3, 2), {"rcond": 1e-4}), ("stack", (2, 2, 1), {}), **_FULL,
))  # fmt: skip
operator("linalg.lstsq(A, B, *, rcond=None, driver=None)", outputs=4, core=False, sampling=calls(
    ("regular", (3, 2), (3, 2), {}), ("wide", (2, 3), (2, 2), {}), ("square", (2, 2), (2, 1), {}), ("stack", (2, 3, 2), (2, 3, 1), {}),
    ("vectors", (2, 3, 2), (2, 3), {}), ("full-rank", (3, 2), (3, 2), {"driver": "gels"}), ("residuals", (3, 2), (3, 1), {"driver": "gelsd"}),
    ("tolerance", (3, 2), (3, 1), {"rcond": 1e-3, "driver": "gelsy"}), ("size-1", (1, 1), (1, 1), {}),
    arguments=("A", "B"), floating_outputs=(0, 1), real_outputs=(1,), **_INVERTIBLE,
))  # fmt: skip

# Tensors read as matrices, and matrices of powers.

operator("linalg.tensorinv(A, *, ind=2)", core=False, sampling=calls(
    ("regular", (2, 2, 4), {}), ("first", (4, 1, 4), {"ind": 1}), ("cube", (1, 2, 2, 1), {}), ("matrix", (2, 2), {"ind": 1}), ("size-1", (1, 1, 1), {}),
    arguments=("A",), layouts=False, **_INVERTIBLE,
))  # fmt: skip
operator("linalg.tensorsolve(A, B, *, dims=None)", core=False, sampling=calls(
    ("regular", (2, 2, 4), (2, 2), {}), ("vector", (4, 1, 4), (4,), {}), ("matrix", (2, 2), (2,), {}), ("moved", (2, 4, 2), (4,), {"dims": (0, 2)}),
    ("moved", (2, 2, 4), (2, 2), {"dims": (-1,)}), ("moved", (2, 2), (2,), {"dims": (0,)}), ("size-1", (1, 1), (1,), {}),
    arguments=("A", "B"), layouts=False, **_INVERTIBLE,
))  # fmt: skip
operator("linalg.vander(x, *, N=OMITTED)", core=False, sampling=calls(
    ("regular", (2, 3), {"N": 4}), ("regular", (3,), {}), ("regular", (2, 2), {"N": 5}), ("shorter", (4,), {"N": 3}), ("size-1", (1,), {"N": 4}),
    ("empty", (0,), {"N": 3}), ("cube", (2, 1, 2), {"N": 4}),
    arguments=("x",), regions=per_argument(regions(without="subnormal huge vast", boundary=(0.0, 1.0, -1.0))), complex=True,
))  # fmt: skip
