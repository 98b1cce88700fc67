"""Reshaping, transposing, joining and splitting: structure without arithmetic."""

from __future__ import annotations

from typing import Any

from conformance.operators.sampling import Sampling, calls, per_argument, regions, varied
from conformance.operators.spec import operator

_VALUES = per_argument(regions(without="negative"))


def _moves(*rows: Any) -> Sampling:
    return calls(*rows, regions=_VALUES)


for _signature, _rows in {
    "reshape(input, *, shape)": (
        ("regular", (2, 3), {"shape": (3, 2)}), ("regular", (2, 3), {"shape": (-1,)}), ("scalar", (), {"shape": (1, 1)}),
        ("empty", (0, 2), {"shape": (2, 0)}), ("size-1", (1,), {"shape": ()}),
    ),
    "view(input, *, size)": (
        ("regular", (2, 3), {"size": (6,)}), ("scalar", (), {"size": (1,)}), ("empty", (0,), {"size": (0, 3)}),
    ),
    "t(input)": (("regular", (2, 3), {}), ("vector", (3,), {}), ("scalar", (), {}), ("empty", (0, 2), {})),
    "transpose(input, *, dim0, dim1)": (
        ("regular", (2, 3), {"dim0": 0, "dim1": 1}), ("cube", (2, 1, 3), {"dim0": -1, "dim1": 0}), ("empty", (0, 2), {"dim0": 0, "dim1": 1}),
    ),
    "permute(input, *, dims)": (
        ("regular", (2, 1, 3), {"dims": (2, 0, 1)}), ("matrix", (2, 3), {"dims": (1, 0)}), ("scalar", (), {"dims": ()}),
        ("empty", (2, 0, 1), {"dims": (1, 2, 0)}),
    ),
    "expand(input, *, size)": (
        ("regular", (2, 1), {"size": (2, 3)}), ("lead", (3,), {"size": (2, 3)}), ("scalar", (), {"size": (2, 2)}),
        ("kept", (2, 1), {"size": (-1, 3)}), ("empty", (1,), {"size": (0,)}),
    ),
    "broadcast_to(input, *, size)": (
        ("regular", (2, 1), {"size": (2, 3)}), ("scalar", (), {"size": (2,)}), ("empty", (1, 2), {"size": (0, 2)}),
    ),
    "squeeze(input, *, dim=None)": (
        ("regular", (2, 1, 3), {"dim": (1,)}), ("kept", (2, 1), {"dim": (0,)}), ("several", (1, 2, 1), {"dim": (0, 2)}),
    ),
    "unsqueeze(input, *, dim)": (("regular", (2, 3), {"dim": 1}), ("scalar", (), {"dim": 0}), ("last", (2,), {"dim": -1})),
    "flatten(input, *, start_dim=0, end_dim=-1)": (
        ("regular", (2, 1, 3), {"start_dim": 1}), ("all", (2, 3), {}), ("scalar", (), {}), ("empty", (0, 3), {}),
    ),
    "ravel(input)": (("regular", (2, 3), {}), ("scalar", (), {}), ("empty", (0, 3), {})),
    "contiguous(input)": (("regular", (2, 3), {}), ("scalar", (), {})),
    "diag(input, *, diagonal=0)": (
        ("regular", (3,), {}), ("above", (3,), {"diagonal": 1}), ("matrix", (3, 4), {}), ("below", (3, 4), {"diagonal": -1}),
    ),
    "diagonal(input, *, offset=0, dim1=0, dim2=1)": (
        ("regular", (3, 4), {}), ("above", (3, 4), {"offset": 2}), ("cube", (2, 2, 3), {"dim1": 2, "dim2": 0, "offset": -1}),
    ),
    "flip(input, *, dims)": (("regular", (2, 3), {"dims": (1,)}), ("several", (2, 3), {"dims": (0, 1)}), ("empty", (0, 2), {"dims": (0,)})),
    "roll(input, *, shifts, dims)": (
        ("regular", (2, 3), {"shifts": (1,), "dims": (1,)}), ("several", (2, 3), {"shifts": (-1, 2), "dims": (0, 1)}),
    ),
    "repeat(input, *, repeats)": (("regular", (2, 2), {"repeats": (1, 3)}), ("lead", (3,), {"repeats": (2, 1)}), ("none", (2,), {"repeats": (0,)})),
    "tile(input, *, dims)": (("regular", (2, 2), {"dims": (2,)}), ("lead", (2,), {"dims": (2, 2)})),
    "tril(input, *, diagonal=0)": (("regular", (3, 3), {}), ("above", (2, 3), {"diagonal": 1}), ("stack", (2, 2, 2), {"diagonal": -1})),
    "triu(input, *, diagonal=0)": (("regular", (3, 3), {}), ("above", (2, 3), {"diagonal": 1}), ("stack", (2, 2, 2), {"diagonal": -1})),
    "narrow(input, *, dim, start, length)": (
        ("regular", (2, 4), {"dim": 1, "start": 1, "length": 2}), ("empty", (2, 4), {"dim": 1, "start": 2, "length": 0}),
    ),
    "select(input, *, dim, index)": (("regular", (2, 4), {"dim": 1, "index": 2}), ("last", (3,), {"dim": 0, "index": -1})),
    "unfold(input, *, dimension, size, step)": (
        ("regular", (6,), {"dimension": 0, "size": 3, "step": 2}), ("overlapping", (2, 4), {"dimension": 1, "size": 2, "step": 1}),
    ),
    "nn.functional.pad(input, *, pad, mode='constant', value=0.0)": (
        ("regular", (2, 3), {"pad": (1, 2)}), ("both", (2, 3), {"pad": (1, 0, 0, 2), "value": 2.5}), ("crop", (2, 4), {"pad": (-1, 1)}),
        ("reflect", (1, 2, 4), {"pad": (2, 1), "mode": "reflect", "value": None}),
        ("replicate", (1, 2, 3), {"pad": (1, 2), "mode": "replicate", "value": None}),
        ("circular", (1, 2, 3), {"pad": (1, 2), "mode": "circular", "value": None}),
    ),
    "trace(input)": (("regular", (3, 3), {}), ("wide", (2, 4), {})),
    "movedim(input, *, source, destination)": (("regular", (2, 1, 3), {"source": (0,), "destination": (2,)}),),
}.items():  # fmt: skip
    operator(_signature, sampling=varied(_moves(*_rows), layouts=not _signature.startswith("view(")))

_JOINED = {"arguments": ("tensors",), "regions": _VALUES, "layouts": False}
operator("cat(tensors, *, dim=0)", sampling=calls(
    ("regular", ((2, 3), (1, 3)), {}), ("last", ((2, 3), (2, 1), (2, 2)), {"dim": 1}), ("empty", ((2,), (0,), (1,)), {}),
    ("one", ((2,),), {}), **_JOINED,
))  # fmt: skip
operator("stack(tensors, *, dim=0)", sampling=calls(
    ("regular", ((2, 3), (2, 3)), {}), ("last", ((2,), (2,), (2,)), {"dim": -1}), ("scalar", ((), ()), {}), **_JOINED,
))  # fmt: skip
operator("hstack(tensors)", sampling=calls(("regular", ((2, 1), (2, 3)), {}), ("vector", ((2,), (3,)), {}), **_JOINED))
operator("vstack(tensors)", sampling=calls(("regular", ((2, 3), (1, 3)), {}), ("vector", ((3,), (3,)), {}), **_JOINED))
operator("split(input, *, split_size_or_sections, dim=0)", outputs=None, sampling=_moves(
    ("regular", (5, 2), {"split_size_or_sections": 2, "outputs": 3}), ("sections", (2, 4), {"split_size_or_sections": (1, 3), "dim": 1, "outputs": 2}),
))  # fmt: skip
operator(
    "chunk(input, *, chunks, dim=0)", outputs=None, sampling=_moves(("regular", (5, 2), {"chunks": 2, "outputs": 2}))
)
operator("unbind(input, *, dim=0)", outputs=None, sampling=_moves(
    ("regular", (2, 3), {"outputs": 2}), ("last", (2, 3), {"dim": 1, "outputs": 3}),
))  # fmt: skip
operator("to(input, *, dtype)")
