"""Cutting into pieces, turning round, and shapes taken from other tensors."""

from __future__ import annotations

from typing import Any

from conformance.operators.sampling import Choice, Sampling, both, calls, per_argument
from conformance.operators.spec import operator

_VALUES = per_argument({"ordinary": both(0.2, 3.0, signed=True)})  # where an element goes does not depend on its value


def _moves(*rows: Any, **options: Any) -> Sampling:
    return calls(*rows, regions=_VALUES, complex=True, **options)


for _signature, _rows in {
    "split_with_sizes(input, *, split_sizes, dim=0)": (
        ("regular", (4, 2), {"split_sizes": (1, 3), "outputs": 2}), ("negative", (2, 4), {"split_sizes": (1, 0, 3), "dim": -1, "outputs": 3}), ("empty", (0, 2), {"split_sizes": (0, 0), "outputs": 2}),
    ),
    "unsafe_split(input, *, split_size, dim=0)": (
        ("regular", (5, 2), {"split_size": 2, "outputs": 3}), ("negative", (2, 3), {"split_size": 5, "dim": -1, "outputs": 1}), ("empty", (0,), {"split_size": 2, "outputs": 1}),
    ),
    "unsafe_chunk(input, *, chunks, dim=0)": (("regular", (5, 2), {"chunks": 2, "outputs": 2}), ("more", (2, 1), {"chunks": 5, "dim": -2, "outputs": 2}), ("empty", (0, 2), {"chunks": 3, "outputs": 3})),
    "tensor_split(input, *, sections=OMITTED, indices=OMITTED, dim=0)": (
        ("regular", (5, 2), {"sections": 2, "outputs": 2}), ("more", (2,), {"sections": 3, "outputs": 3}), ("positions", (2, 5), {"indices": (1, 3), "dim": 1, "outputs": 3}),
        ("overlapping", (5,), {"indices": (3, 1), "outputs": 3}), ("negative", (5, 2), {"indices": (-9, -2, 8), "dim": -2, "outputs": 4}), ("none", (3,), {"indices": (), "outputs": 1}),
        ("empty", (0, 2), {"sections": 2, "outputs": 2}),
    ),
    "hsplit(input, *, sections=OMITTED, indices=OMITTED)": (
        ("regular", (2, 4), {"sections": 2, "outputs": 2}), ("vector", (3,), {"indices": (1,), "outputs": 2}), ("cube", (2, 3, 2), {"indices": (0, -1), "outputs": 3}),
    ),
    "vsplit(input, *, sections=OMITTED, indices=OMITTED)": (("regular", (4, 2), {"sections": 2, "outputs": 2}), ("cube", (3, 1, 2), {"indices": (2, 2), "outputs": 3})),
    "dsplit(input, *, sections=OMITTED, indices=OMITTED)": (("regular", (2, 1, 4), {"sections": 2, "outputs": 2}), ("more", (1, 2, 3, 2), {"indices": (-1,), "outputs": 2})),
}.items():  # fmt: skip
    operator(_signature, core=False, outputs=None, sampling=_moves(*_rows))

operator("unflatten(input, *, dim, sizes)", core=False, sampling=_moves(
    ("regular", (2, 4), {"dim": 1, "sizes": (2, 2)}), ("inferred", (6, 2), {"dim": 0, "sizes": (3, -1)}), ("negative", (2, 3, 2), {"dim": -2, "sizes": (1, 3, 1)}), ("empty", (0, 2), {"dim": 0, "sizes": (0, 2)}),
))  # fmt: skip
_AS_ANOTHER = {"arguments": ("input", "other"), "choices": {"other": Choice("real")}}
operator("view_as(input, other)", core=False, sampling=_moves(
    ("regular", (2, 3), (3, 2), {}), ("scalar", (), (1, 1), {}), ("empty", (0, 2), (2, 0), {}), layouts=False, **_AS_ANOTHER,
))  # fmt: skip
operator("reshape_as(input, other)", core=False, sampling=_moves(
    ("regular", (2, 3), (3, 2), {}), ("scalar", (1,), (), {}), ("empty", (0, 2), (0,), {}), **_AS_ANOTHER,
))  # fmt: skip
operator("expand_as(input, other)", core=False, sampling=_moves(
    ("regular", (2, 1), (2, 3), {}), ("lead", (3,), (2, 3), {}), ("scalar", (), (2,), {}), ("empty", (1, 2), (0, 2), {}), **_AS_ANOTHER,
))  # fmt: skip
operator("sum_to_size(input, *, size)", core=False, sampling=_moves(
    ("regular", (2, 3), {"size": (2, 1)}), ("same", (2, 3), {"size": (2, 3)}), ("lead", (2, 3), {"size": (3,)}), ("both", (2, 2, 3), {"size": (1, 3)}), ("scalar", (2, 2), {"size": ()}),
    ("ones", (1, 2), {"size": (2,)}), ("empty", (0, 3), {"size": (1, 3)}),
))  # fmt: skip
operator("diagflat(input, *, offset=0)", core=False, sampling=_moves(
    ("regular", (3,), {}), ("above", (2, 2), {"offset": 1}), ("below", (2,), {"offset": -2}), ("scalar", (), {}), ("empty", (0,), {"offset": 1}),
))  # fmt: skip
operator("linalg.diagonal(input, *, offset=0, dim1=-2, dim2=-1)", core=False, sampling=_moves(
    ("regular", (2, 3, 3), {}), ("above", (2, 3), {"offset": 2}), ("below", (3, 2), {"offset": -1}), ("crossed", (3, 2, 2), {"dim1": 2, "dim2": 0}), ("outside", (2, 2), {"offset": 3}), ("empty", (0, 2), {}),
))  # fmt: skip
operator(
    "fliplr(input)",
    core=False,
    sampling=_moves(("regular", (2, 3), {}), ("cube", (2, 2, 3), {}), ("empty", (2, 0), {})),
)
operator(
    "flipud(input)", core=False, sampling=_moves(("regular", (2, 3), {}), ("vector", (3,), {}), ("empty", (0, 2), {}))
)
operator("rot90(input, *, k=1, dims=(0, 1))", core=False, sampling=_moves(
    ("regular", (2, 3), {}), ("back", (2, 3), {"k": -1}), ("half", (2, 1, 3), {"k": 2, "dims": (0, -1)}), ("full", (2, 3), {"k": 4}), ("more", (2, 3), {"k": 7, "dims": (1, 0)}), ("cube", (2, 1, 3), {"dims": (-1, 0)}),
    ("empty", (0, 2), {}),
))  # fmt: skip
operator("constant_pad_nd(input, *, pad, value=0)", core=False, sampling=_moves(
    ("regular", (2, 3), {"pad": (1, 2)}), ("both", (2, 2), {"pad": (0, 1, 2, 0), "value": 2.5}), ("crop", (2, 4), {"pad": (-1, 1, -1, 0), "value": -1.0}), ("all-cut", (3,), {"pad": (-2, -1)}),
    ("none", (2, 2), {"pad": ()}), ("empty", (0, 2), {"pad": (1, 1, 1, 0), "value": 0.5}),
))  # fmt: skip
