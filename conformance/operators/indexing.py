"""Taking and placing elements by position, and sorting."""

from __future__ import annotations

from conformance.operators.sampling import Choice, calls, more, per_argument, regions
from conformance.operators.spec import operator

_VALUES = per_argument(regions(without="negative"))
_INDEX = {"index": Choice("index", 3)}

_ADVANCED = (
    ("tensor", (3, 2), (2,), {"choices": {"index": Choice("index", 3)}}), ("duplicates", (3,), (2, 4), {"choices": {"index": Choice("index", 3)}}),
    ("below-zero", (3, 2), (4,), {"choices": {"index": Choice("index", -3)}}), ("no-index", (3, 2), (0,), {"choices": {"index": Choice("index", 3)}}),
    ("mask", (2, 3), (2, 3), {"choices": {"index": Choice("ends")}}), ("row-mask", (3, 2), (3,), {"choices": {"index": Choice("ends")}}),
)  # fmt: skip

operator("getitem(input, *, index)", sampling=more(calls(
    ("regular", (3, 4), {"index": (slice(1, None), 2)}), ("step", (5,), {"index": (slice(None, None, 2),)}),
    ("integer", (3, 2), {"index": 1}), ("negative", (4,), {"index": -2}), ("ellipsis", (2, 1, 3), {"index": (Ellipsis, 0)}),
    ("new-axis", (2, 3), {"index": (None, slice(None))}), ("empty", (4,), {"index": (slice(2, 2),)}),
    regions=_VALUES,
), *_ADVANCED, arguments=("input", "index")))  # fmt: skip
operator("where(condition, input, other)", sampling=calls(
    ("regular", (2, 3), (2, 3), (2, 3), {}), ("scalar", (), (), (), {}), ("broadcast-both", (2, 1), (1, 3), (2, 3), {}),
    ("broadcast-scalar", (2, 2), (), (2, 2), {}), ("empty", (0,), (0,), (0,), {}),
    ("size-1", (1,), (1,), (1,), {}), ("empty-broadcast", (1, 3), (0, 3), (0, 1), {}),
    arguments=("condition", "input", "other"), choices={"condition": Choice("bool")},
))  # fmt: skip
operator("masked_fill(input, mask, *, value)", sampling=calls(
    ("regular", (2, 3), (2, 3), {"value": 1.5}), ("broadcast-row", (2, 3), (3,), {"value": 0.0}),
    ("scalar", (), (), {"value": -2.0}), ("broadcast-both", (2, 1), (1, 3), {"value": 2.5}), ("empty", (0, 3), (3,), {"value": 1.0}), arguments=("input", "mask"), choices={"mask": Choice("bool")}, regions=_VALUES,
))  # fmt: skip
operator("masked_select(input, mask)", sampling=calls(
    ("regular", (2, 3), (2, 3), {}), ("broadcast-row", (2, 3), (3,), {}), ("broadcast-both", (2, 1), (1, 3), {}), ("vector", (4,), (4,), {}),
    arguments=("input", "mask"), choices={"mask": Choice("ends")}, regions=_VALUES,
))  # fmt: skip
operator("gather(input, *, dim, index)", sampling=calls(
    ("regular", (3, 4), (2, 4), {"dim": 0}), ("repeated", (2, 3), (2, 5), {"dim": 1}), ("vector", (3,), (4,), {"dim": 0}),
    ("empty", (3,), (0,), {"dim": 0}), ("negative", (2, 3), (1, 4), {"dim": -1}), ("scalar", (), (), {"dim": 0, "choices": {"index": Choice("index", 1)}}),
    arguments=("input", "index"), choices=_INDEX, regions=_VALUES,
))  # fmt: skip
operator("take_along_dim(input, *, indices, dim)", sampling=calls(
    ("regular", (3, 4), (2, 4), {"dim": 0}), ("repeated", (2, 3), (2, 5), {"dim": 1}), ("negative", (2, 3, 2), (2, 4, 2), {"dim": -2}),
    ("broadcast", (3, 4), (2, 1), {"dim": 0}), ("flat", (2, 2), (5,), {"dim": None}), ("empty", (3, 2), (0, 2), {"dim": 0}), arguments=("input", "indices"),
    choices={"indices": Choice("index", 3)}, regions=_VALUES,
))  # fmt: skip
operator("index_select(input, *, dim, index)", sampling=calls(
    ("regular", (3, 2), (4,), {"dim": 0}), ("last", (2, 3), (2,), {"dim": 1}), ("empty", (3,), (0,), {"dim": 0}),
    ("negative", (3, 2), (5,), {"dim": -2}), ("single", (2, 3, 2), (1,), {"dim": 1}),
    arguments=("input", "index"), choices=_INDEX, regions=_VALUES,
))  # fmt: skip
operator("index_put(input, indices, values, *, accumulate=False)", core=False, sampling=calls(
    ("regular", (3, 2), (2,), (2, 2), {}), ("duplicates", (3,), (5,), (5,), {"accumulate": True}), ("broadcast-scalar", (3, 2), (2,), (), {}), ("empty", (3, 2), (0,), (0, 2), {}),
    arguments=("input", "indices", "values"), choices={"indices": Choice("distinct", 3)}, regions=_VALUES,
))  # fmt: skip
operator("select_scatter(input, src, *, dim, index)", core=False, sampling=calls(
    ("regular", (3, 2), (2,), {"dim": 0, "index": 1}), ("last", (2, 3), (2,), {"dim": -1, "index": -1}), ("cube", (2, 3, 2), (2, 2), {"dim": 1, "index": 0}),
    arguments=("input", "src"), regions=_VALUES,
))  # fmt: skip
operator("slice_scatter(input, src, *, dim=0, start=OMITTED, end=OMITTED, step=1)", core=False, sampling=calls(
    ("regular", (4, 2), (2, 2), {"start": 1, "end": 3}), ("step", (2, 5), (2, 3), {"dim": 1, "step": 2}), ("negative", (4,), (2,), {"dim": -1, "start": -2}), ("empty", (3, 2), (0, 2), {"start": 3}),
    arguments=("input", "src"), regions=_VALUES,
))  # fmt: skip
operator("index_add(input, *, dim, index, source, alpha=1)", sampling=calls(
    ("regular", (3, 2), (4,), (4, 2), {"dim": 0}), ("scaled", (2, 3), (2,), (2, 2), {"dim": 1, "alpha": -2}),
    ("duplicates", (3,), (5,), (5,), {"dim": 0}), ("negative", (2, 3), (2,), (2, 2), {"dim": -1}), ("empty", (3, 2), (0,), (0, 2), {"dim": 0}),
    arguments=("input", "index", "source"), choices=_INDEX, regions=_VALUES,
))  # fmt: skip
operator("index_copy(input, *, dim, index, source)", sampling=calls(
    ("regular", (3, 2), (2,), (2, 2), {"dim": 0}), ("last", (2, 3), (3,), (2, 3), {"dim": 1}), ("negative", (3, 2), (1,), (1, 2), {"dim": -2}),
    arguments=("input", "index", "source"), choices={"index": Choice("distinct", 3)}, regions=_VALUES,
))  # fmt: skip
operator("scatter(input, *, dim, index, src)", sampling=calls(
    ("regular", (3, 2), (2, 2), (2, 2), {"dim": 0}), ("last", (2, 3), (2, 2), (2, 2), {"dim": 1}),
    ("vector", (3,), (2,), (2,), {"dim": 0}), ("negative", (3, 2), (2, 1), (2, 1), {"dim": -2}), ("empty", (3,), (0,), (0,), {"dim": 0}), arguments=("input", "index", "src"), choices={"index": Choice("distinct", 3)}, regions=_VALUES,
))  # fmt: skip
operator("scatter_add(input, *, dim, index, src)", sampling=calls(
    ("regular", (3, 2), (4, 2), (4, 2), {"dim": 0}), ("last", (2, 3), (2, 4), (2, 4), {"dim": 1}), ("duplicates", (3,), (6,), (6,), {"dim": 0}),
    ("negative", (3, 2), (3, 1), (3, 1), {"dim": -2}), ("empty", (3,), (0,), (0,), {"dim": 0}), arguments=("input", "index", "src"), choices=_INDEX, regions=_VALUES,
))  # fmt: skip
operator("repeat_interleave(input, *, repeats, dim)", sampling=more(calls(
    ("regular", (2, 3), {"repeats": 2, "dim": 1}), ("none", (2, 2), {"repeats": 0, "dim": 0}), ("flat", (2, 2), {"repeats": 3, "dim": None}),
    ("negative", (2, 3), {"repeats": 2, "dim": -2}), regions=_VALUES,
), ("counts", (3, 2), (3,), {"dim": 0, "choices": {"repeats": Choice("index", 4)}}), arguments=("input", "repeats")))  # fmt: skip
operator("sort(input, *, dim=-1, descending=False)", outputs=2, sampling=calls(
    ("regular", (2, 4), {}), ("first", (3, 2), {"dim": 0}), ("descending", (5,), {"descending": True}), ("scalar", (), {}),
    ("empty", (0,), {}), ("negative", (3, 2), {"dim": -2, "descending": True}), ("size-1", (1,), {}), floating_outputs=(0,), tiled="rows",
))  # fmt: skip
operator("topk(input, *, k, dim=-1, largest=True, sorted=True)", outputs=2, sampling=calls(
    ("regular", (2, 4), {"k": 2}), ("smallest", (5,), {"k": 3, "largest": False}), ("first", (3, 2), {"k": 1, "dim": 0}),
    ("all", (4,), {"k": 4}), ("none", (3,), {"k": 0}), ("negative", (3, 2), {"k": 2, "dim": -2, "largest": False}), ("scalar", (), {"k": 1}),
    ("size-1", (1,), {"k": 1}), floating_outputs=(0,), tiled="rows",
))  # fmt: skip
operator("kthvalue(input, *, k, dim=-1, keepdim=False)", outputs=2, sampling=calls(
    ("regular", (2, 4), {"k": 2}), ("kept", (5,), {"k": 3, "keepdim": True}), ("first", (3, 2), {"k": 1, "dim": 0}), floating_outputs=(0,),
))  # fmt: skip
operator("nn.functional.embedding(input, weight, *, padding_idx=OMITTED, scale_grad_by_freq=False)", sampling=calls(
    ("regular", (4,), (3, 2), {}), ("matrix", (2, 2), (3, 2), {}), ("duplicates", (7,), (3, 2), {}),
    ("empty", (0,), (3, 2), {}), ("scalar", (), (3, 2), {}), arguments=("input", "weight"), choices={"input": Choice("index", 3)},
    regions=_VALUES,
))  # fmt: skip
