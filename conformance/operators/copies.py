"""Copies of what views show, copies with a part replaced, and what leaves numbers as they are.

The views themselves are asked in `shape`; of their copies a few calls show that they are the same function.
"""

from __future__ import annotations

from conformance.operators.sampling import both, calls, per_argument, varied
from conformance.operators.spec import operator

_VALUES = per_argument({"ordinary": both(0.2, 3.0, signed=True)})  # where an element goes does not depend on its value

for _signature, _rows in {
    "alias_copy(input)": (("regular", (2, 3), {}), ("scalar", (), {}), ("empty", (0, 2), {})),
    "as_strided_copy(input, *, size, stride, storage_offset=OMITTED)": (
        ("regular", (2, 3), {"size": (3, 2), "stride": (2, 1)}), ("overlapping", (5,), {"size": (3, 3), "stride": (1, 1)}),
        ("offset", (2, 3), {"size": (2, 2), "stride": (3, 1), "storage_offset": 1}), ("repeated", (3,), {"size": (2, 3), "stride": (0, 1)}),
    ),
    "diagonal_copy(input, *, offset=0, dim1=0, dim2=1)": (
        ("regular", (2, 3, 3), {"dim1": -1, "dim2": 1, "offset": 1}), ("matrix", (3, 4), {}), ("outside", (2, 3), {"offset": 4}),
    ),
    "expand_copy(input, *, size)": (("regular", (2, 1), {"size": (2, 3)}), ("kept", (3, 1), {"size": (2, -1, 2)}), ("scalar", (), {"size": (2,)}), ("empty", (1,), {"size": (0,)})),
    "narrow_copy(input, *, dim, start, length)": (
        ("regular", (2, 4), {"dim": 1, "start": 1, "length": 2}), ("negative", (3, 4), {"dim": -1, "start": -3, "length": 2}), ("empty", (2, 4), {"dim": 0, "start": 2, "length": 0}),
    ),
    "permute_copy(input, *, dims)": (("regular", (2, 1, 3), {"dims": (2, 0, 1)}), ("negative", (2, 3), {"dims": (-1, 0)}), ("scalar", (), {"dims": ()}), ("empty", (0, 2), {"dims": (1, 0)})),
    "squeeze_copy(input, *, dim=OMITTED)": (
        ("regular", (2, 1, 3), {"dim": 1}), ("all", (1, 2, 1), {}), ("several", (1, 2, 1, 3), {"dim": (0, -2)}), ("kept", (2, 1), {"dim": 0}), ("scalar", (), {"dim": 0}),
    ),
    "t_copy(input)": (("regular", (2, 3), {}), ("vector", (3,), {}), ("scalar", (), {}), ("empty", (0, 2), {})),
    "transpose_copy(input, *, dim0, dim1)": (("regular", (2, 3), {"dim0": 0, "dim1": 1}), ("cube", (2, 1, 3), {"dim0": -1, "dim1": 0}), ("same", (2, 2), {"dim0": 1, "dim1": -1})),
    "unfold_copy(input, *, dimension, size, step)": (
        ("regular", (2, 4), {"dimension": 1, "size": 2, "step": 1}), ("apart", (7,), {"dimension": 0, "size": 2, "step": 3}), ("negative", (4, 2), {"dimension": -2, "size": 3, "step": 1}),
    ),
    "unsqueeze_copy(input, *, dim)": (("regular", (2, 3), {"dim": 1}), ("scalar", (), {"dim": -1}), ("negative", (2, 2), {"dim": -3}), ("empty", (0,), {"dim": 1})),
    "view_copy(input, *, size)": (("regular", (2, 3), {"size": (3, 2)}), ("inferred", (2, 3, 2), {"size": (-1, 4)}), ("scalar", (), {"size": (1, 1)}), ("empty", (0, 2), {"size": (2, 0)})),
    "slice(input, *, dim=0, start=OMITTED, end=OMITTED, step=1)": (
        ("regular", (4, 2), {"start": 1, "end": 3}), ("step", (2, 5), {"dim": 1, "step": 2}), ("negative", (2, 5), {"dim": -1, "start": -4, "end": -1}), ("clamped", (3,), {"start": -7, "end": 9}),
        ("empty", (3, 2), {"start": 2, "end": 1}), ("apart", (2, 3, 2), {"dim": -2, "start": 1, "step": 4}),
    ),
}.items():  # fmt: skip
    _restrides = _signature.startswith("as_strided")
    operator(
        _signature, core=False, sampling=varied(calls(*_rows, regions=_VALUES, complex=True), layouts=not _restrides)
    )

operator("unbind_copy(input, *, dim=0)", core=False, outputs=None, sampling=calls(
    ("regular", (2, 3, 2), {"dim": 1, "outputs": 3}), ("vector", (2,), {"outputs": 2}), ("negative", (2, 1), {"dim": -2, "outputs": 2}), regions=_VALUES, complex=True,
))  # fmt: skip
operator("split_with_sizes_copy(input, *, split_sizes, dim=0)", core=False, outputs=None, sampling=calls(
    ("regular", (4, 2), {"split_sizes": (1, 3), "outputs": 2}), ("negative", (2, 4), {"split_sizes": (2, 0, 2), "dim": -1, "outputs": 3}), regions=_VALUES, complex=True,
))  # fmt: skip

_STRIDED = {"arguments": ("input", "src"), "regions": _VALUES, "layouts": False, "complex": True}
operator("as_strided_scatter(input, src, *, size, stride, storage_offset=OMITTED)", core=False, sampling=calls(
    ("regular", (2, 3), (2, 2), {"size": (2, 2), "stride": (3, 1)}), ("offset", (5,), (2,), {"size": (2,), "stride": (2,), "storage_offset": 1}),
    ("crossed", (2, 3), (3, 2), {"size": (3, 2), "stride": (1, 3)}), ("scalar", (4,), (), {"size": (), "stride": (), "storage_offset": 2}),
    ("empty", (4,), (0, 2), {"size": (0, 2), "stride": (2, 1)}), ("cube", (2, 2, 2), (2, 2), {"size": (2, 2), "stride": (4, 2), "storage_offset": 1}), **_STRIDED,
))  # fmt: skip

for _name in ("resolve_conj", "resolve_neg", "conj_physical", "zero_"):
    operator(f"{_name}(input)", core=False, sampling=calls(
        ("regular", (2, 3), {}), ("scalar", (), {}), ("empty", (0, 2), {}), regions=_VALUES, complex=True,
    ))  # fmt: skip
