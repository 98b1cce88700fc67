"""Losses beyond the core: of margins, of distances, and of the likelihood of a normal distribution."""

from __future__ import annotations

from typing import Any

from conformance.operators.nearby import downwards, outwards, upwards
from conformance.operators.sampling import Choice, both, calls, each, more, per_argument, points, regions, varied
from conformance.operators.spec import operator

_SIGNS = {"target": Choice("sign")}
_VALUES = regions(without="subnormal huge tiny integers negative", large=each((1e3, 1e5), (1e2, 1e3), signed=True))
_CLASSES = {"target": Choice("index", 3)}
_REDUCTIONS = ("sum", "none")


def _reduced(*shapes: Any, **attributes: Any) -> list[tuple[Any, ...]]:
    """A call under each of the reductions that are not the default."""
    return [(r, *shapes, {"reduction": r, **attributes}) for r in _REDUCTIONS]


operator("nn.functional.margin_ranking_loss(input1, input2, target, *, margin=0.0, reduction='mean')", core=False, sampling=calls(
    ("regular", (3,), (3,), (3,), {"margin": 0.5}), *_reduced((2, 3), (2, 3), (2, 3)), ("broadcast", (2, 1), (1, 3), (2, 3), {"margin": 1.0}), ("scalar", (), (), (), {"margin": 4.0}), ("empty", (0,), (0,), (0,), {"reduction": "sum"}),
    ("kink", (3,), (3,), (3,), {"margin": 0.5, "smooth": False, "ranges": {"input1": points(1.5), "input2": points(1.0, 2.0)}}), ("equal", (3,), (3,), (3,), {"reduction": "none", "smooth": False, "ranges": {"input1": points(1.5), "input2": points(1.5, 2.0)}}),
    arguments=("input1", "input2", "target"), choices=_SIGNS, beside={"margin": upwards}, regions=per_argument(_VALUES, _VALUES),
))  # fmt: skip
operator("nn.functional.hinge_embedding_loss(input, target, *, margin=1.0, reduction='mean')", core=False, sampling=calls(
    ("regular", (4,), (4,), {}), *_reduced((2, 3), (2, 3), margin=0.5), ("broadcast", (2, 3), (3,), {"margin": 4.0}), ("scalar", (), (), {"margin": 2.0}), ("empty", (0,), (0,), {"reduction": "sum"}),
    ("kink", (6,), (6,), {"margin": 0.5, "smooth": False, "ranges": {"input": points(0.5, 1.5, 0.25)}}),
    arguments=("input", "target"), choices=_SIGNS, beside={"margin": upwards}, regions=per_argument(_VALUES),
))  # fmt: skip
_ASKEW = per_argument(
    {
        "ordinary": both(0.3, 9.0, signed=True, by_magnitude=True),
        "large": both(30.0, 900.0, signed=True, by_magnitude=True),
    },
    {"ordinary": both(-2.0, 4.5), "large": both(-200.0, 450.0)},
)
operator("nn.functional.cosine_embedding_loss(input1, input2, target, *, margin=0.0, reduction='mean')", core=False, sampling=calls(
    ("regular", (3, 2), (3, 2), (3,), {}), *_reduced((3, 2), (3, 2), (3,), margin=-0.5), ("vector", (3,), (3,), (), {"margin": 0.25}), ("high", (3, 2), (3, 2), (3,), {"margin": 0.9}),
    ("right-angle", (2, 2), (2, 2), (2,), {"reduction": "none", "choices": {"target": Choice("given", values=(-1.0,))}, "smooth": False, "ranges": {"input1": points(2.0, 0.0, 1.0, 1.0), "input2": points(0.0, 3.0, 1.0, -1.0)}}),
    arguments=("input1", "input2", "target"), choices=_SIGNS, beside={"margin": downwards}, regions=_ASKEW,
))  # fmt: skip
_TRIPLE = ("anchor", "positive", "negative")
_NEAR = per_argument(
    {"ordinary": both(0.2, 2.0, signed=True), "far": both(-0.2, 0.2)},
    {"ordinary": both(-2.5, 0.7), "far": both(20.0, 90.0)},
    {"ordinary": both(0.4, 5.0), "far": both(-9.0, -3.0)},
)
operator("nn.functional.triplet_margin_loss(anchor, positive, negative, *, margin=1.0, p=2.0, eps=1e-06, swap=False, reduction='mean')", core=False, sampling=varied(calls(
    ("regular", (2, 3), (2, 3), (2, 3), {"margin": 3.0}), *_reduced((2, 3), (2, 3), (2, 3), margin=2.5), ("swap", (3, 2), (3, 2), (3, 2), {"swap": True, "margin": 4.0}), ("first", (2, 3), (2, 3), (2, 3), {"p": 1.0, "margin": 3.5}),
    ("third", (2, 2), (2, 2), (2, 2), {"p": 3.0, "margin": 3.0, "eps": 0.125}), ("vector", (3,), (3,), (3,), {"margin": 5.0}), ("met", (2, 2), (2, 2), (2, 2), {"margin": 0.0625}),
    arguments=_TRIPLE, regions=_NEAR,
), complex=True, result="real"))  # fmt: skip
operator("nn.functional.triplet_margin_with_distance_loss(anchor, positive, negative, *, margin=1.0, swap=False, reduction='mean')", core=False, sampling=varied(calls(
    ("regular", (2, 3), (2, 3), (2, 3), {"margin": 3.0}), *_reduced((2, 3), (2, 3), (2, 3), margin=2.5), ("swap", (3, 2), (3, 2), (3, 2), {"swap": True, "margin": 4.0}), ("cube", (2, 1, 2), (2, 1, 2), (2, 1, 2), {"margin": 4.0}),
    arguments=_TRIPLE, regions=_NEAR,
), complex=True, result="real"))  # fmt: skip
operator("nn.functional.multi_margin_loss(input, target, *, p=1, margin=1.0, weight=None, reduction='mean')", core=False, sampling=varied(more(calls(
    ("regular", (3, 3), (3,), {}), *_reduced((2, 3), (2,), p=2), ("vector", (4,), (1,), {"margin": 2.5}), ("vector-and-class", (3,), (), {"p": 2, "margin": 0.5}), ("one-class", (2, 1), (2,), {"choices": {"target": Choice("index", 1)}}),
    ("kink", (3, 3), (3,), {"smooth": False, "ranges": {"input": points(1.0, 0.0, 0.5, 2.0)}}), ("equal", (2, 3), (2,), {"reduction": "none", "smooth": False, "ranges": {"input": points(0.5)}}),
    arguments=("input", "target"), choices=_CLASSES, beside={"margin": downwards}, regions=per_argument(_VALUES),
), *(("weight", (3, 3), (3,), (3,), {"p": p, "reduction": r, "choices": {**_CLASSES, "weight": Choice("real")}}) for p, r in ((1, "mean"), (2, "sum"))), arguments=("input", "target", "weight")), smooth=False, forward=False))  # fmt: skip
_SETS = {"target": Choice("given", values=(1, 2, -1, 0, -1, 0, 2, 0, 1))}
operator("nn.functional.multilabel_margin_loss(input, target, *, reduction='mean')", core=False, sampling=varied(calls(
    ("regular", (3, 3), (3, 3), {}), *_reduced((2, 3), (2, 3)), ("vector", (4,), (4,), {}), ("no-class", (2, 3), (2, 3), {"choices": {"target": Choice("given", values=(-1, 0, 1))}}),
    ("repeated", (2, 4), (2, 4), {"choices": {"target": Choice("given", values=(2, 2, 1, -1, 0, 0, 0, 0))}}), ("kink", (2, 3), (2, 3), {"smooth": False, "ranges": {"input": points(1.0, 0.0, 2.0, 0.5)}}),
    arguments=("input", "target"), choices=_SETS, beside={"input": outwards}, regions=per_argument(_VALUES),
), smooth=False, forward=False))  # fmt: skip
operator("nn.functional.multilabel_soft_margin_loss(input, target, *, weight=None, reduction='mean')", core=False, sampling=more(calls(
    ("regular", (2, 3), (2, 3), {}), *_reduced((2, 3), (2, 3)), ("vector", (4,), (4,), {}), ("cube", (2, 1, 2), (2, 1, 2), {"reduction": "none"}), ("empty", (0, 3), (0, 3), {"reduction": "sum"}),
    arguments=("input", "target"), regions=per_argument(regions(without="subnormal huge tiny negative", boundary=(0.0,), tails=each((30.0, 700.0), (15.0, 85.0), signed=True)), {"ordinary": both(0.1, 0.9)}),
), ("weight", (2, 3), (2, 3), (3,), {"choices": {"weight": Choice("real")}}), ("weight", (2, 3), (2, 3), (2, 1), {"reduction": "none", "choices": {"weight": Choice("real")}}), arguments=("input", "target", "weight")))  # fmt: skip
_SPREAD = per_argument(
    {"ordinary": both(0.2, 3.0, signed=True), "large": both(1e2, 1e3, signed=True)},
    {"ordinary": both(0.2, 3.0, signed=True)},
    {"ordinary": both(0.3, 2.0), "large": both(0.01, 0.1)},
)
operator("nn.functional.gaussian_nll_loss(input, target, var, *, full=False, eps=1e-06, reduction='mean')", core=False, sampling=calls(
    ("regular", (2, 3), (2, 3), (2, 3), {}), *_reduced((2, 3), (2, 3), (2, 1), full=True), ("homoscedastic", (3, 2), (3, 2), (3,), {}), ("scalar", (), (), (), {"full": True}), ("clamped", (2, 2), (2, 2), (2, 2), {"eps": 1.25, "reduction": "sum"}),
    ("empty", (0, 2), (0, 2), (0, 1), {"reduction": "sum"}), arguments=("input", "target", "var"), regions=_SPREAD,
))  # fmt: skip
