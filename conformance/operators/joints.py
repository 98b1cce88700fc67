"""What several tensors make together: stacks, blocks, grids, choices of their elements."""

from __future__ import annotations

from conformance.operators.sampling import both, calls, per_argument
from conformance.operators.spec import operator

_VALUES = per_argument({"ordinary": both(0.2, 3.0, signed=True)})  # where an element goes does not depend on its value
_JOINED = {
    "arguments": ("tensors",),
    "regions": _VALUES,
    "layouts": False,
    "complex": True,
}

for _name, _rows in {
    "dstack": (("regular", ((2, 3), (2, 3)), {}), ("vector", ((2,), (2,), (2,)), {}), ("scalar", ((), ()), {}), ("cube", ((1, 2, 2), (1, 2, 1)), {}), ("ranks", ((1, 3, 2), (3,)), {})),
    "column_stack": (("regular", ((2, 3), (2, 1)), {}), ("vector", ((2,), (2,)), {}), ("scalar", ((), ()), {}), ("ranks", ((2,), (2, 2)), {}), ("empty", ((0,), (0, 2)), {})),
    "block_diag": (
        ("regular", ((2, 3), (1, 2)), {}), ("vector", ((2,), (3,)), {}), ("scalar", ((), (2, 1)), {}), ("one", ((2, 2),), {}), ("empty-columns", ((2, 0), (1, 2)), {}), ("empty-rows", ((0, 2), (2, 1)), {}),
        ("empty-vector", ((0,), (2, 1)), {}),
    ),
    "cartesian_prod": (("regular", ((2,), (3,)), {}), ("three", ((2,), (1,), (2,)), {}), ("one", ((3,),), {}), ("empty", ((2,), (0,)), {})),
}.items():  # fmt: skip
    operator(f"{_name}(tensors)", core=False, sampling=calls(*_rows, **_JOINED))

operator("broadcast_tensors(tensors)", core=False, outputs=None, sampling=calls(
    ("regular", ((2, 1), (1, 3)), {"outputs": 2}), ("lead", ((3,), (2, 3)), {"outputs": 2}), ("scalar", ((), (2,)), {"outputs": 2}), ("three", ((2, 1), (), (3,)), {"outputs": 3}),
    ("empty", ((1, 2), (0, 1)), {"outputs": 2}), ("one", ((2, 2),), {"outputs": 1}), **_JOINED,
))  # fmt: skip
operator("meshgrid(tensors, *, indexing='ij')", core=False, outputs=None, sampling=calls(
    ("regular", ((2,), (3,)), {"outputs": 2}), ("exchanged", ((2,), (3,)), {"indexing": "xy", "outputs": 2}), ("three", ((2,), (1,), (2,)), {"indexing": "xy", "outputs": 3}),
    ("scalar", ((), (2,)), {"outputs": 2}), ("one", ((3,),), {"indexing": "xy", "outputs": 1}), ("empty", ((2,), (0,)), {"outputs": 2}), **_JOINED,
))  # fmt: skip
for _name, _rows in {
    "atleast_1d": (("regular", ((), (2, 3)), {"outputs": 2}), ("scalar", (), {}), ("kept", (2, 3), {}), ("empty", (0,), {})),
    "atleast_2d": (("regular", ((2, 2), (3,)), {"outputs": 2}), ("scalar", (), {}), ("vector", (3,), {}), ("kept", (2, 1, 2), {}), ("empty", (0,), {})),
    "atleast_3d": (("regular", ((2, 2), (3,)), {"outputs": 2}), ("scalar", (), {}), ("vector", (3,), {}), ("matrix", (2, 3), {}), ("kept", (2, 1, 2, 1), {})),
}.items():  # fmt: skip
    operator(f"{_name}(tensors)", core=False, sampling=calls(*_rows, **_JOINED))
operator("combinations(input, *, r=2, with_replacement=False)", core=False, sampling=calls(
    ("regular", (4,), {}), ("repeated", (3,), {"with_replacement": True}), ("three", (4,), {"r": 3}), ("single", (3,), {"r": 1}), ("repeated-three", (2,), {"r": 3, "with_replacement": True}),
    ("too-many", (2,), {"r": 3}), ("empty", (0,), {}), regions=_VALUES, complex=True,
))  # fmt: skip
