"""Products of matrices and what is solved with them."""

from __future__ import annotations

from conformance.operators.sampling import INF, both, calls, each, per_argument, regions
from conformance.operators.spec import operator

_FACTORS = per_argument(regions(without="subnormal", boundary=(0.0,)))
_MATRIX = per_argument(
    {
        "ordinary": both(-1.0, 1.0),
        "large": each((1e3, 1e5), (1e2, 1e3), signed=True),
        "small": each((1e-6, 1e-4), (1e-4, 1e-2), signed=True),
    }
)
_SINGULAR = {"singular": (both(-1.0, 1.0, pattern="singular"),)}
_TWO = {"arguments": ("input", "other"), "regions": _FACTORS, "alias": True}

operator("matmul(input, other)", sampling=calls(
    ("regular", (3, 3), (3, 3), {}), ("matrix-vector", (2, 3), (3,), {}), ("vector-matrix", (3,), (3, 2), {}), ("dot", (3,), (3,), {}),
    ("wide", (2, 4), (4, 1), {}), ("stack", (2, 2, 3), (2, 3, 2), {}), ("stack-shared", (2, 2, 3), (3, 2), {}),
    ("stack-broadcast", (2, 1, 2, 2), (3, 2, 2), {}), ("empty", (0, 3), (3, 2), {}), ("empty-inner", (2, 0), (0, 2), {}), **_TWO,
))  # fmt: skip
operator("mm(input, mat2)", sampling=calls(
    ("regular", (2, 2), (2, 2), {}), ("wide", (2, 3), (3, 4), {}), ("empty-inner", (2, 0), (0, 2), {}), ("blocked", (3, 33), (33, 2), {}),
    arguments=("input", "mat2"), regions=_FACTORS, alias=True,
))  # fmt: skip
operator("bmm(input, mat2)", sampling=calls(
    ("regular", (2, 2, 2), (2, 2, 2), {}), ("wide", (2, 1, 3), (2, 3, 2), {}), ("empty", (0, 2, 1), (0, 1, 2), {}), arguments=("input", "mat2"), regions=_FACTORS, alias=True,
))  # fmt: skip
operator(
    "mv(input, vec)",
    sampling=calls(
        ("regular", (2, 3), (3,), {}),
        ("size-1", (1, 1), (1,), {}),
        ("empty-inner", (2, 0), (0,), {}),
        arguments=("input", "vec"),
        regions=_FACTORS,
    ),
)
operator("dot(input, tensor)", sampling=calls(
    ("regular", (4,), (4,), {}), ("size-1", (1,), (1,), {}), ("empty", (0,), (0,), {}), arguments=("input", "tensor"), regions=_FACTORS, alias=True,
))  # fmt: skip
operator(
    "outer(input, vec2)",
    sampling=calls(
        ("regular", (3,), (3,), {}), ("wide", (2,), (3,), {}), arguments=("input", "vec2"), regions=_FACTORS, alias=True
    ),
)
operator("inner(input, other)", sampling=calls(("regular", (2, 3), (2, 3), {}), ("vector", (3,), (3,), {}), ("cube", (2, 2, 3), (2, 3), {}),
                                                ("scalar", (), (3,), {}), ("empty", (0, 2), (3, 2), {}), **_TWO))  # fmt: skip
operator("kron(input, other)", sampling=calls(("regular", (2, 2), (2, 2), {}), ("wide", (1, 2), (2, 1), {}), ("ranks", (2,), (2, 2), {}),
                                               ("scalar", (), (2,), {}), **_TWO))  # fmt: skip
operator("tensordot(a, b, *, dims)", sampling=calls(
    ("regular", (2, 3), (3, 2), {"dims": 1}), ("several", (2, 3), (2, 3), {"dims": ((0, 1), (0, 1))}),
    ("negative", (2, 3), (3, 2), {"dims": ((-1,), (-2,))}), ("outer", (2,), (3,), {"dims": 0}), ("crossed", (2, 3), (3, 2), {"dims": ((0, 1), (1, 0))}),
    arguments=("a", "b"), regions=_FACTORS,
))  # fmt: skip
for _name, _shapes in {
    "addmm(input, mat1, mat2, *, beta=1, alpha=1)": ((2, 2), (2, 3), (3, 2)),
    "addmv(input, mat, vec, *, beta=1, alpha=1)": ((2,), (2, 3), (3,)),
    "addr(input, vec1, vec2, *, beta=1, alpha=1)": ((2, 3), (2,), (3,)),
    "baddbmm(input, batch1, batch2, *, beta=1, alpha=1)": ((2, 2, 1), (2, 2, 3), (2, 3, 1)),
}.items():
    operator(_name, sampling=calls(
        ("regular", *_shapes, {}), ("regular", *_shapes, {"beta": 0.5, "alpha": -2.0}), ("broadcast", (1,), *_shapes[1:], {}),
        ("no-input", *_shapes, {"beta": 0, "alpha": 1.5}), ("no-product", *_shapes, {"beta": 2, "alpha": 0}), ("scalar-input", (), *_shapes[1:], {"beta": -1.5}),
        arguments=tuple(_name.partition("(")[2].split(", *")[0].split(", ")), regions=_FACTORS,
    ))  # fmt: skip
operator(
    "linalg.inv(A)",
    sampling=calls(
        ("regular", (3, 3), {}),
        ("size-1", (1, 1), {}),
        ("stack", (2, 2, 2), {}),
        arguments=("A",),
        regions=_MATRIX,
        structured="invertible",
    ),
)
operator(
    "linalg.det(A)",
    sampling=calls(
        ("regular", (3, 3), {}),
        ("size-1", (1, 1), {}),
        ("stack", (2, 2, 2), {}),
        ("order-2", (2, 2), {}),
        ("order-7", (7, 7), {}),
        ("empty", (0, 0), {}),
        arguments=("A",),
        regions=_MATRIX | _SINGULAR,
        structured="invertible",
    ),
)
operator(
    "linalg.slogdet(A)",
    outputs=2,
    sampling=calls(
        ("regular", (3, 3), {}), ("stack", (2, 2, 2), {}), ("size-1", (1, 1), {}), ("order-2", (2, 2), {}), floating_outputs=(1,),
        arguments=("A",), regions=_MATRIX, structured="invertible", complex=True, result="real",
    ),
)  # fmt: skip
operator("linalg.solve(A, B, *, left=True)", sampling=calls(
    ("regular", (3, 3), (3, 2), {}), ("vector", (2, 2), (2,), {}), ("stack", (2, 2, 2), (2, 2, 1), {}), ("right", (2, 2), (3, 2), {"left": False}),
    ("stack-shared", (2, 2), (2, 2, 1), {}), ("size-1", (1, 1), (1, 1), {}), ("none", (2, 2), (2, 0), {}),
    arguments=("A", "B"), regions=_MATRIX, structured="invertible",
))  # fmt: skip
operator(
    "linalg.cholesky(A, *, upper=False)",
    sampling=calls(
        ("regular", (3, 3), {}),
        ("size-1", (1, 1), {}),
        ("regular", (2, 2), {"upper": True}),
        ("stack", (2, 2, 2), {}),
        arguments=("A",),
        regions=_MATRIX,
        structured="spd",
        layouts=False,
        complex=True,
    ),
)
operator(
    "linalg.multi_dot(tensors)",
    sampling=calls(
        ("regular", ((2, 3), (3, 2), (2, 2)), {}), ("vectors", ((3,), (3, 2), (2,)), {}), ("two", ((2, 2), (2, 1)), {}),
        ("four", ((1, 2), (2, 3), (3, 1), (1, 2)), {}), arguments=("tensors",), regions=_FACTORS, layouts=False,
    ),
)  # fmt: skip
_WAYS = ((1, 1), (-1, -1), ("inf", INF), ("minus-inf", -INF), ("nuclear", "nuc"), ("spectral", 2), ("least", -2))
_BY_ORDER = tuple((f"order-{name}", (2, 3), {"ord": ord}) for name, ord in _WAYS)
operator("linalg.matrix_norm(A, *, ord='fro', dim=(-2, -1), keepdim=False)", sampling=calls(
    ("regular", (2, 3), {}), *_BY_ORDER, ("regular", (2, 2, 3), {"dim": (0, -1), "keepdim": True}), ("regular", (2, 3), {"ord": 1, "dim": (1, 0)}),
    ("stack", (2, 2, 2), {}), ("empty", (0, 2), {}), arguments=("A",), regions=_MATRIX,
))  # fmt: skip
operator("linalg.norm(A, *, ord=OMITTED, dim=None, keepdim=False)", sampling=calls(
    ("regular", (2, 3), {}), *_BY_ORDER, ("order-fro", (2, 3), {"ord": "fro"}), ("vector", (3,), {"ord": 3}), ("vector", (3,), {"ord": INF}),
    ("along", (2, 3), {"ord": 1, "dim": (-1,)}), ("kept", (2, 3, 2), {"dim": (0, 1), "keepdim": True}), ("scalar", (), {}), ("size-1", (1,), {}),
    arguments=("A",), regions=per_argument(regions(without="subnormal huge", boundary=(0.0,), large=each((1e3, 1e6), (1e2, 1e4), signed=True))),
))  # fmt: skip
_PRODUCTS = {
    "regular": (((2, 3), (3, 2)), "ij,jk->ik"), "trace": (((3, 3),), "ii"), "diagonal": (((3, 3),), "ii->i"), "outer": (((2,), (3,)), "i,j->ij"),
    "sum": (((2, 3),), "ij->"), "three": (((2,), (2, 3), (3,)), "i,ij,j->"), "implicit": (((2, 3), (3, 2)), "ba,ac"), "batch": (((2, 1, 2), (2, 2, 1)), "bij,bjk->bik"),
    "ellipsis": (((2, 2, 3), (3, 2)), "...ij,jk->...ik"), "repeated": (((2, 2, 3), (2, 3)), "iij,ij->j"), "transpose": (((2, 3),), "ij->ji"),
}  # fmt: skip
operator("einsum(operands, *, equation)", sampling=calls(
    *((label, shapes, {"equation": equation}) for label, (shapes, equation) in _PRODUCTS.items()),
    arguments=("operands",), regions=_FACTORS, layouts=False,
))  # fmt: skip
