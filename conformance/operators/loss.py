"""Losses, with their reductions."""

from __future__ import annotations

from typing import Any

from conformance.operators.sampling import Choice, Sampling, both, calls, each, per_argument, points, regions
from conformance.operators.spec import operator

_VALUES = regions(without="subnormal")
_LOGITS = regions(without="subnormal huge", boundary=(0.0,), tails=each((30.0, 700.0), (15.0, 85.0), signed=True))
_PROBABILITIES = regions((0.0, 1.0), without="tiny")


def _pair(*more: dict[str, Any], **options: Any) -> Sampling:
    rows = [("regular", (2, 3), (2, 3), {}), ("regular", (2, 3), (2, 3), {"reduction": "sum"})]
    rows += [("regular", (2, 3), (2, 3), {"reduction": "none", **m}) for m in ({}, *more)]
    rows += [
        ("scalar", (), (), {"reduction": "none"}),
        ("size-1", (1,), (1,), {}),
        ("empty", (0,), (0,), {"reduction": "sum"}),
    ]
    return calls(*rows, arguments=("input", "target"), **options)


_BOTH = per_argument(_VALUES, _VALUES)
_APART = per_argument(
    {
        "ordinary": both(0.3, 0.9),
        "far": both(3.2, 7.9),
        "negative": both(-4.0, -2.2),
        "tiny": each((1e-30, 1e-10), (1e-20, 1e-6), by_magnitude=True),
    },
    {"ordinary": both(-0.2, 0.2), "far": both(-1.0, 1.0), "negative": both(-0.9, 0.9), "tiny": points(0.0)},
)

operator("nn.functional.mse_loss(input, target, *, reduction='mean')", sampling=_pair(regions=_BOTH, alias=True))
operator("nn.functional.l1_loss(input, target, *, reduction='mean')", sampling=_pair(regions=_BOTH))
operator(
    "nn.functional.smooth_l1_loss(input, target, *, reduction='mean', beta=1.0)",
    sampling=_pair({"beta": 0.5}, regions=_APART),
)
operator(
    "nn.functional.huber_loss(input, target, *, reduction='mean', delta=1.0)",
    sampling=_pair({"delta": 0.5}, regions=_APART),
)
operator("nn.functional.kl_div(input, target, *, reduction='mean', log_target=False)", sampling=_pair(
    {"log_target": True}, regions=per_argument({"ordinary": both(-3.0, -0.1), "large": both(-300.0, -30.0)}, {"ordinary": both(0.1, 0.9)}),
))  # fmt: skip
operator("nn.functional.binary_cross_entropy(input, target, *, weight=None, reduction='mean')", sampling=_pair(
    regions=per_argument(_PROBABILITIES, {"ordinary": both(0.1, 0.9)}),
))  # fmt: skip
operator("nn.functional.binary_cross_entropy_with_logits(input, target, *, weight=None, reduction='mean', pos_weight=None)", sampling=_pair(
    regions=per_argument(_LOGITS, {"ordinary": both(0.1, 0.9)}),
))  # fmt: skip
operator("nn.functional.soft_margin_loss(input, target, *, reduction='mean')", sampling=_pair(
    regions=per_argument(_LOGITS), choices={"target": Choice("sign")},
))  # fmt: skip
operator("nn.functional.poisson_nll_loss(input, target, *, log_input=True, full=False, eps=1e-08, reduction='mean')", sampling=_pair(
    regions=per_argument({"ordinary": both(-2.0, 2.0)}, {"ordinary": both(0.5, 4.0)}), choices={"target": Choice("real")},
))  # fmt: skip
_CLASSES = (
    ("regular", (2, 3), (2,), {}), ("regular", (2, 3), (2,), {"reduction": "sum"}), ("regular", (4, 3), (4,), {"reduction": "none"}),
    ("size-1", (1, 3), (1,), {}), ("image", (2, 3, 2), (2, 2), {}),
)  # fmt: skip
_TARGET = {"arguments": ("input", "target"), "choices": {"target": Choice("index", 3)}}
operator("nn.functional.cross_entropy(input, target, *, weight=None, ignore_index=-100, reduction='mean', label_smoothing=0.0)", sampling=calls(
    *_CLASSES, ("regular", (2, 3), (2,), {"label_smoothing": 0.25}), ("ignored", (4, 3), (4,), {"ignore_index": 1}), regions=per_argument(_LOGITS), **_TARGET,
))  # fmt: skip
operator("nn.functional.nll_loss(input, target, *, weight=None, ignore_index=-100, reduction='mean')", sampling=calls(
    *_CLASSES, regions=per_argument(_VALUES), **_TARGET,
))  # fmt: skip
operator("nn.functional.cosine_similarity(x1, x2, *, dim=1, eps=1e-08)", sampling=calls(
    ("regular", (2, 3), (2, 3), {}), ("first", (3, 2), (3, 2), {"dim": 0}), ("broadcast-lead", (1, 3), (2, 3), {}),
    arguments=("x1", "x2"), regions=per_argument(regions(without="subnormal huge tiny")),
))  # fmt: skip
