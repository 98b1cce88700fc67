"""Taking and placing elements by position, and sorting."""

from __future__ import annotations

from conformance.operators.sampling import Choice, calls, per_argument, regions
from conformance.operators.spec import operator

_VALUES = per_argument(regions(without="negative"))
_INDEX = {"index": Choice("index", 3)}

operator("getitem(input, *, index)", sampling=calls(
    ("regular", (3, 4), {"index": (slice(1, None), 2)}), ("step", (5,), {"index": (slice(None, None, 2),)}),
    ("integer", (3, 2), {"index": 1}), ("negative", (4,), {"index": -2}), ("ellipsis", (2, 1, 3), {"index": (Ellipsis, 0)}),
    ("new-axis", (2, 3), {"index": (None, slice(None))}), ("empty", (4,), {"index": (slice(2, 2),)}),
    regions=_VALUES,
))  # fmt: skip
operator("where(condition, input, other)", sampling=calls(
    ("regular", (2, 3), (2, 3), (2, 3), {}), ("scalar", (), (), (), {}), ("broadcast-both", (2, 1), (1, 3), (2, 3), {}),
    ("broadcast-scalar", (2, 2), (), (2, 2), {}), ("empty", (0,), (0,), (0,), {}),
    arguments=("condition", "input", "other"), choices={"condition": Choice("bool")},
))  # fmt: skip
operator("masked_fill(input, mask, *, value)", sampling=calls(
    ("regular", (2, 3), (2, 3), {"value": 1.5}), ("broadcast-row", (2, 3), (3,), {"value": 0.0}),
    ("scalar", (), (), {"value": -2.0}), arguments=("input", "mask"), choices={"mask": Choice("bool")}, regions=_VALUES,
))  # fmt: skip
operator("masked_select(input, mask)")
operator("gather(input, *, dim, index)", sampling=calls(
    ("regular", (3, 4), (2, 4), {"dim": 0}), ("repeated", (2, 3), (2, 5), {"dim": 1}), ("vector", (3,), (4,), {"dim": 0}),
    ("empty", (3,), (0,), {"dim": 0}), arguments=("input", "index"), choices=_INDEX, regions=_VALUES,
))  # fmt: skip
operator("take_along_dim(input, *, indices, dim)", sampling=calls(
    ("regular", (3, 4), (2, 4), {"dim": 0}), ("repeated", (2, 3), (2, 5), {"dim": 1}), arguments=("input", "indices"),
    choices={"indices": Choice("index", 3)}, regions=_VALUES,
))  # fmt: skip
operator("index_select(input, *, dim, index)", sampling=calls(
    ("regular", (3, 2), (4,), {"dim": 0}), ("last", (2, 3), (2,), {"dim": 1}), ("empty", (3,), (0,), {"dim": 0}),
    arguments=("input", "index"), choices=_INDEX, regions=_VALUES,
))  # fmt: skip
operator("index_add(input, *, dim, index, source, alpha=1)", sampling=calls(
    ("regular", (3, 2), (4,), (4, 2), {"dim": 0}), ("scaled", (2, 3), (2,), (2, 2), {"dim": 1, "alpha": -2}),
    arguments=("input", "index", "source"), choices=_INDEX, regions=_VALUES,
))  # fmt: skip
operator("index_copy(input, *, dim, index, source)", sampling=calls(
    ("regular", (3, 2), (2,), (2, 2), {"dim": 0}), ("last", (2, 3), (3,), (2, 3), {"dim": 1}),
    arguments=("input", "index", "source"), choices={"index": Choice("distinct", 3)}, regions=_VALUES,
))  # fmt: skip
operator("scatter(input, *, dim, index, src)", sampling=calls(
    ("regular", (3, 2), (2, 2), (2, 2), {"dim": 0}), ("last", (2, 3), (2, 2), (2, 2), {"dim": 1}),
    ("vector", (3,), (2,), (2,), {"dim": 0}), arguments=("input", "index", "src"), choices={"index": Choice("distinct", 3)}, regions=_VALUES,
))  # fmt: skip
operator("scatter_add(input, *, dim, index, src)", sampling=calls(
    ("regular", (3, 2), (4, 2), (4, 2), {"dim": 0}), ("last", (2, 3), (2, 4), (2, 4), {"dim": 1}),
    arguments=("input", "index", "src"), choices=_INDEX, regions=_VALUES,
))  # fmt: skip
operator("repeat_interleave(input, *, repeats, dim)", sampling=calls(
    ("regular", (2, 3), {"repeats": 2, "dim": 1}), ("none", (2, 2), {"repeats": 0, "dim": 0}), regions=_VALUES,
))  # fmt: skip
operator("sort(input, *, dim=-1, descending=False)", outputs=2, sampling=calls(
    ("regular", (2, 4), {}), ("first", (3, 2), {"dim": 0}), ("descending", (5,), {"descending": True}), ("scalar", (), {}),
    ("empty", (0,), {}), floating_outputs=(0,),
))  # fmt: skip
operator("topk(input, *, k, dim=-1, largest=True, sorted=True)", outputs=2, sampling=calls(
    ("regular", (2, 4), {"k": 2}), ("smallest", (5,), {"k": 3, "largest": False}), ("first", (3, 2), {"k": 1, "dim": 0}),
    floating_outputs=(0,),
))  # fmt: skip
operator("kthvalue(input, *, k, dim=-1, keepdim=False)", outputs=2, sampling=calls(
    ("regular", (2, 4), {"k": 2}), ("kept", (5,), {"k": 3, "keepdim": True}), floating_outputs=(0,),
))  # fmt: skip
operator("nn.functional.embedding(input, weight)", sampling=calls(
    ("regular", (4,), (3, 2), {}), ("matrix", (2, 2), (3, 2), {}), arguments=("input", "weight"), choices={"input": Choice("index", 3)},
    regions=_VALUES,
))  # fmt: skip
