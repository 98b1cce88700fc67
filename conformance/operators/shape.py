"""Reshaping, transposing, joining and splitting: structure without arithmetic."""

from __future__ import annotations

from typing import Any

from conformance.operators.sampling import Sampling, calls, per_argument, regions, varied
from conformance.operators.spec import operator

_VALUES = per_argument(regions(without="negative"))


def _moves(*rows: Any) -> Sampling:
    return calls(*rows, regions=_VALUES)


_TRIANGLES = (("regular", (3, 3), {}), ("above", (2, 3), {"diagonal": 1}), ("stack", (2, 2, 2), {"diagonal": -1}),
              ("outside", (2, 3), {"diagonal": -4}), ("empty", (0, 3), {}))  # fmt: skip
for _signature, _rows in {
    "reshape(input, *, shape)": (
        ("regular", (2, 3), {"shape": (3, 2)}), ("regular", (2, 3), {"shape": (-1,)}), ("scalar", (), {"shape": (1, 1)}),
        ("empty", (0, 2), {"shape": (2, 0)}), ("size-1", (1,), {"shape": ()}), ("inferred", (2, 3, 2), {"shape": (4, -1)}),
    ),
    "view(input, *, size)": (
        ("regular", (2, 3), {"size": (6,)}), ("scalar", (), {"size": (1,)}), ("empty", (0,), {"size": (0, 3)}), ("inferred", (2, 3, 2), {"size": (-1, 2)}),
    ),
    "t(input)": (("regular", (2, 3), {}), ("vector", (3,), {}), ("scalar", (), {}), ("empty", (0, 2), {})),
    "transpose(input, *, dim0, dim1)": (
        ("regular", (2, 3), {"dim0": 0, "dim1": 1}), ("cube", (2, 1, 3), {"dim0": -1, "dim1": 0}), ("empty", (0, 2), {"dim0": 0, "dim1": 1}),
    ),
    "permute(input, *, dims)": (
        ("regular", (2, 1, 3), {"dims": (2, 0, 1)}), ("matrix", (2, 3), {"dims": (1, 0)}), ("scalar", (), {"dims": ()}),
        ("empty", (2, 0, 1), {"dims": (1, 2, 0)}), ("negative", (2, 1, 3), {"dims": (-1, 0, -2)}),
    ),
    "expand(input, *, size)": (
        ("regular", (2, 1), {"size": (2, 3)}), ("lead", (3,), {"size": (2, 3)}), ("scalar", (), {"size": (2, 2)}),
        ("kept", (2, 1), {"size": (-1, 3)}), ("empty", (1,), {"size": (0,)}),
    ),
    "broadcast_to(input, *, size)": (
        ("regular", (2, 1), {"size": (2, 3)}), ("scalar", (), {"size": (2,)}), ("empty", (1, 2), {"size": (0, 2)}),
    ),
    "squeeze(input, *, dim=None)": (
        ("regular", (2, 1, 3), {"dim": (1,)}), ("kept", (2, 1), {"dim": (0,)}), ("several", (1, 2, 1), {"dim": (0, 2)}), ("negative", (2, 1, 3, 1), {"dim": (-1, -3)}),
        ("scalar", (), {"dim": (0,)}), ("empty", (0, 1), {"dim": (1,)}),
    ),
    "unsqueeze(input, *, dim)": (("regular", (2, 3), {"dim": 1}), ("scalar", (), {"dim": 0}), ("last", (2,), {"dim": -1}), ("negative", (2, 3), {"dim": -3}), ("empty", (0,), {"dim": 1})),
    "flatten(input, *, start_dim=0, end_dim=-1)": (
        ("regular", (2, 1, 3), {"start_dim": 1}), ("all", (2, 3), {}), ("scalar", (), {}), ("empty", (0, 3), {}), ("negative", (2, 1, 3), {"start_dim": -3, "end_dim": -2}),
    ),
    "ravel(input)": (("regular", (2, 3), {}), ("scalar", (), {}), ("empty", (0, 3), {})),
    "contiguous(input)": (("regular", (2, 3), {}), ("scalar", (), {}), ("empty", (0, 2), {})),
    "diag(input, *, diagonal=0)": (
        ("regular", (3,), {}), ("above", (3,), {"diagonal": 1}), ("matrix", (3, 4), {}), ("below", (3, 4), {"diagonal": -1}), ("outside", (2, 3), {"diagonal": 5}), ("below", (2,), {"diagonal": -2}),
    ),
    "diagonal(input, *, offset=0, dim1=0, dim2=1)": (
        ("regular", (3, 4), {}), ("above", (3, 4), {"offset": 2}), ("cube", (2, 2, 3), {"dim1": 2, "dim2": 0, "offset": -1}), ("negative", (2, 3, 3), {"dim1": -1, "dim2": -2, "offset": 1}),
    ),
    "flip(input, *, dims)": (("regular", (2, 3), {"dims": (1,)}), ("several", (2, 3), {"dims": (0, 1)}), ("empty", (0, 2), {"dims": (0,)}),
        ("negative", (2, 3, 2), {"dims": (-1, 0)}), ("none", (2, 3), {"dims": ()})),
    "roll(input, *, shifts, dims)": (
        ("regular", (2, 3), {"shifts": (1,), "dims": (1,)}), ("several", (2, 3), {"shifts": (-1, 2), "dims": (0, 1)}), ("repeated-dim", (2, 4), {"shifts": (1, 2), "dims": (1, 1)}),
        ("negative", (2, 3), {"shifts": (-4,), "dims": (-1,)}), ("flat", (2, 3), {"shifts": (2,), "dims": ()}), ("empty", (0, 3), {"shifts": (1,), "dims": (0,)}),
    ),
    "repeat(input, *, repeats)": (("regular", (2, 2), {"repeats": (1, 3)}), ("lead", (3,), {"repeats": (2, 1)}), ("none", (2,), {"repeats": (0,)}), ("scalar", (), {"repeats": (3,)})),
    "tile(input, *, dims)": (("regular", (2, 2), {"dims": (2,)}), ("lead", (2,), {"dims": (2, 2)}), ("scalar", (), {"dims": (2,)}), ("empty", (0,), {"dims": (2,)}), ("none", (2, 3), {"dims": ()})),
    "tril(input, *, diagonal=0)": _TRIANGLES,
    "triu(input, *, diagonal=0)": _TRIANGLES,
    "narrow(input, *, dim, start, length)": (
        ("regular", (2, 4), {"dim": 1, "start": 1, "length": 2}), ("empty", (2, 4), {"dim": 1, "start": 2, "length": 0}), ("negative", (3, 4), {"dim": -1, "start": -3, "length": 2}),
    ),
    "select(input, *, dim, index)": (("regular", (2, 4), {"dim": 1, "index": 2}), ("last", (3,), {"dim": 0, "index": -1}), ("negative", (2, 3, 2), {"dim": -2, "index": -3})),
    "unfold(input, *, dimension, size, step)": (
        ("regular", (6,), {"dimension": 0, "size": 3, "step": 2}), ("overlapping", (2, 4), {"dimension": 1, "size": 2, "step": 1}), ("negative", (4, 2), {"dimension": -2, "size": 2, "step": 3}),
        ("apart", (7,), {"dimension": 0, "size": 2, "step": 4}),
    ),
    "nn.functional.pad(input, *, pad, mode='constant', value=0.0)": (
        ("regular", (2, 3), {"pad": (1, 2)}), ("both", (2, 3), {"pad": (1, 0, 0, 2), "value": 2.5}), ("crop", (2, 4), {"pad": (-1, 1)}),
        ("reflect", (1, 2, 4), {"pad": (2, 1), "mode": "reflect", "value": None}),
        ("replicate", (1, 2, 3), {"pad": (1, 2), "mode": "replicate", "value": None}),
        ("circular", (1, 2, 3), {"pad": (1, 2), "mode": "circular", "value": None}),
        ("reflect-2d", (1, 1, 3, 3), {"pad": (1, 2, 2, 0), "mode": "reflect", "value": None}),
        ("replicate-2d", (1, 1, 2, 2), {"pad": (0, 1, 2, 1), "mode": "replicate", "value": None}),
        ("replicate-crop", (1, 1, 3, 4), {"pad": (-1, 2, 1, -1), "mode": "replicate", "value": None}),
        ("replicate-3d", (1, 1, 2, 1, 2), {"pad": (1, 0, 0, 2, 1, 1), "mode": "replicate", "value": None}),
        ("circular-2d", (1, 1, 2, 3), {"pad": (1, 2, 1, 0), "mode": "circular", "value": None}), ("empty", (0, 2), {"pad": (1, 1)}),
    ),
    "trace(input)": (("regular", (3, 3), {}), ("wide", (2, 4), {}), ("size-1", (1, 1), {}), ("empty", (0, 2), {})),
    "movedim(input, *, source, destination)": (
        ("regular", (2, 1, 3), {"source": (0,), "destination": (2,)}), ("several", (2, 1, 3), {"source": (-1, 0), "destination": (0, -1)}),
    ),
}.items():  # fmt: skip
    operator(_signature, sampling=varied(_moves(*_rows), layouts=not _signature.startswith("view(")))

_JOINED = {"arguments": ("tensors",), "regions": _VALUES, "layouts": False}
operator("cat(tensors, *, dim=0)", sampling=calls(
    ("regular", ((2, 3), (1, 3)), {}), ("last", ((2, 3), (2, 1), (2, 2)), {"dim": 1}), ("empty", ((2,), (0,), (1,)), {}),
    ("one", ((2,),), {}), ("negative", ((2, 1, 2), (2, 2, 2)), {"dim": -2}), ("empties", ((0, 2), (0, 2)), {}), **_JOINED,
))  # fmt: skip
operator("stack(tensors, *, dim=0)", sampling=calls(
    ("regular", ((2, 3), (2, 3)), {}), ("last", ((2,), (2,), (2,)), {"dim": -1}), ("scalar", ((), ()), {}), ("negative", ((2, 1), (2, 1)), {"dim": -2}),
    ("empty", ((0,), (0,)), {}), ("one", ((2, 2),), {"dim": 1}), **_JOINED,
))  # fmt: skip
operator("hstack(tensors)", sampling=calls(("regular", ((2, 1), (2, 3)), {}), ("vector", ((2,), (3,)), {}), ("scalar", ((), ()), {}),
                                                ("empty", ((2, 0), (2, 1)), {}), **_JOINED))  # fmt: skip
operator("vstack(tensors)", sampling=calls(("regular", ((2, 3), (1, 3)), {}), ("vector", ((3,), (3,)), {}), ("scalar", ((), ()), {}),
                                                ("empty", ((0, 2), (1, 2)), {}), **_JOINED))  # fmt: skip
operator("split(input, *, split_size_or_sections, dim=0)", outputs=None, sampling=_moves(
    ("regular", (5, 2), {"split_size_or_sections": 2, "outputs": 3}), ("sections", (2, 4), {"split_size_or_sections": (1, 3), "dim": 1, "outputs": 2}),
    ("negative", (2, 5), {"split_size_or_sections": 3, "dim": -1, "outputs": 2}), ("empty-part", (3,), {"split_size_or_sections": (0, 3), "outputs": 2}),
))  # fmt: skip
operator(
    "chunk(input, *, chunks, dim=0)",
    outputs=None,
    sampling=_moves(
        ("regular", (5, 2), {"chunks": 2, "outputs": 2}), ("negative", (2, 4), {"chunks": 3, "dim": -1, "outputs": 2}),
        ("more", (2,), {"chunks": 5, "outputs": 2}),
    ),
)  # fmt: skip
operator("unbind(input, *, dim=0)", outputs=None, sampling=_moves(
    ("regular", (2, 3), {"outputs": 2}), ("last", (2, 3), {"dim": 1, "outputs": 3}), ("negative", (2, 1, 2), {"dim": -3, "outputs": 2}), ("vector", (2,), {"outputs": 2}),
))  # fmt: skip
operator("to(input, *, dtype)")

# beyond the core

operator("as_strided(input, *, size, stride, storage_offset=0)", core=False, sampling=varied(_moves(
    ("regular", (2, 3), {"size": (3, 2), "stride": (2, 1)}), ("overlapping", (5,), {"size": (3, 3), "stride": (1, 1)}),
    ("offset", (2, 3), {"size": (2, 2), "stride": (3, 1), "storage_offset": 1}), ("repeated", (3,), {"size": (2, 3), "stride": (0, 1)}),
    ("crossed", (2, 3), {"size": (3, 2), "stride": (1, 3)}), ("empty", (4,), {"size": (0, 2), "stride": (2, 1)}),
), layouts=False))  # fmt: skip
operator("diag_embed(input, *, offset=0, dim1=-2, dim2=-1)", core=False, sampling=_moves(
    ("regular", (2, 3), {}), ("above", (2,), {"offset": 1}), ("below", (2, 2), {"offset": -2}), ("crossed", (2, 2), {"dim1": 0, "dim2": 2}), ("exchanged", (3,), {"dim1": 1, "dim2": 0, "offset": 1}),
))  # fmt: skip
operator("diagonal_scatter(input, src, *, offset=0, dim1=0, dim2=1)", core=False, sampling=calls(
    ("regular", (3, 4), (3,), {}), ("above", (3, 4), (2,), {"offset": 2}), ("below", (3, 3), (2,), {"offset": -1}), ("cube", (2, 2, 3), (2, 2), {"dim1": 2, "dim2": 0}), ("negative", (2, 3, 3), (2, 3), {"dim1": -1, "dim2": -2}),
    arguments=("input", "src"), regions=_VALUES,
))  # fmt: skip
