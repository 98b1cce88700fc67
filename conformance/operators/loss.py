"""Losses, with their reductions."""

from __future__ import annotations

from typing import Any

from conformance.operators.sampling import Choice, Sampling, both, calls, each, more, per_argument, points, regions
from conformance.operators.spec import operator

_VALUES = regions(without="subnormal")
_LOGITS = regions(without="subnormal huge", boundary=(0.0,), tails=each((30.0, 700.0), (15.0, 85.0), signed=True))
_PROBABILITIES = regions((0.0, 1.0), without="tiny")


def _weighted(sampling: Sampling, *names: str, shape: tuple[int, ...] = (2, 3)) -> Sampling:
    """The same with a weight, under each reduction; a weight is not differentiated."""
    real = Choice("real")
    rows = [
        (name, (2, 3), (2, 3), shape, {"reduction": r, "choices": {name: real}})
        for name in names
        for r in ("mean", "sum", "none")
    ]
    for name, row in zip([n for n in names for _ in range(3)], rows, strict=True):
        sampling = more(sampling, row, arguments=("input", "target", name))
    return sampling


def _pair(*others: dict[str, Any], **options: Any) -> Sampling:
    rows = [("regular", (2, 3), (2, 3), {}), ("regular", (2, 3), (2, 3), {"reduction": "sum"})]
    rows += [
        ("regular", (2, 3), (2, 3), {"reduction": "none", **m})
        for m in ({}, *(o for o in others if "reduction" not in o))
    ]
    rows += [("regular", (2, 3), (2, 3), m) for m in others]
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

operator(
    "nn.functional.mse_loss(input, target, *, reduction='mean', weight=OMITTED)",
    sampling=_weighted(_pair(regions=_BOTH, alias=True), "weight"),
)
operator(
    "nn.functional.l1_loss(input, target, *, reduction='mean', weight=OMITTED)",
    sampling=_weighted(_pair(regions=_BOTH), "weight"),
)
operator(
    "nn.functional.smooth_l1_loss(input, target, *, reduction='mean', beta=1.0)",
    sampling=_pair({"beta": 0.5}, regions=_APART),
)
operator(
    "nn.functional.huber_loss(input, target, *, reduction='mean', delta=1.0, weight=OMITTED)",
    sampling=_weighted(_pair({"delta": 0.5}, regions=_APART), "weight"),
)
operator("nn.functional.kl_div(input, target, *, reduction='mean', log_target=False)", sampling=_pair(
    {"log_target": True}, {"reduction": "batchmean"}, regions=per_argument({"ordinary": both(-3.0, -0.1), "large": both(-300.0, -30.0)}, {"ordinary": both(0.1, 0.9)}),
))  # fmt: skip
operator("nn.functional.binary_cross_entropy(input, target, *, weight=None, reduction='mean')", sampling=_weighted(_pair(
    regions=per_argument(_PROBABILITIES, {"ordinary": both(0.1, 0.9), "boundary": points(0.0, 1.0, 0.5)}),
), "weight"))  # fmt: skip
operator("nn.functional.binary_cross_entropy_with_logits(input, target, *, weight=None, reduction='mean', pos_weight=None)", sampling=_weighted(_pair(
    regions=per_argument(_LOGITS, {"ordinary": both(0.1, 0.9)}),
), "weight", "pos_weight", shape=(3,)))  # fmt: skip
operator("nn.functional.soft_margin_loss(input, target, *, reduction='mean')", sampling=_pair(
    regions=per_argument(_LOGITS), choices={"target": Choice("sign")},
))  # fmt: skip
operator("nn.functional.poisson_nll_loss(input, target, *, log_input=True, full=False, eps=1e-08, reduction='mean')", sampling=_pair(
    {"full": True}, {"log_input": False}, {"log_input": False, "full": True, "eps": 0.5}, regions=per_argument({"ordinary": both(0.3, 2.0), "large": both(3.0, 9.0)}, {"ordinary": both(0.5, 4.0)}), choices={"target": Choice("real")},
))  # fmt: skip
_CLASSES = (
    ("regular", (2, 3), (2,), {}), ("regular", (2, 3), (2,), {"reduction": "sum"}), ("regular", (4, 3), (4,), {"reduction": "none"}),
    ("size-1", (1, 3), (1,), {}), ("image", (2, 3, 2), (2, 2), {}),
)  # fmt: skip
_TARGET = {"arguments": ("input", "target"), "choices": {"target": Choice("index", 3)}}
_SOFT = {"choices": {"target": None}}  # probabilities of classes, which are differentiated
_IGNORED = tuple(("ignored", (4, 3), (4,), {"ignore_index": 0, "reduction": r}) for r in ("mean", "sum", "none"))


def _with_class_weights(sampling: Sampling) -> Sampling:
    """The same with a weight for each class, under each reduction, some with a class to be ignored."""
    given = {"choices": {"target": Choice("index", 3), "weight": Choice("real")}}
    rows = [("weight", (4, 3), (4,), (3,), {"reduction": r, **given}) for r in ("mean", "sum", "none")]
    rows += [("weight-ignored", (4, 3), (4,), (3,), {"ignore_index": 2, **given})]
    return more(sampling, *rows, arguments=("input", "target", "weight"))


operator("nn.functional.cross_entropy(input, target, *, weight=None, ignore_index=-100, reduction='mean', label_smoothing=0.0)", sampling=more(_with_class_weights(calls(
    *_CLASSES, ("regular", (2, 3), (2,), {"label_smoothing": 0.25}), ("ignored", (4, 3), (4,), {"ignore_index": 1}),
    ("smoothed", (2, 3, 2), (2, 2), {"label_smoothing": 0.5, "reduction": "none"}), *_IGNORED, ("all-smoothed", (2, 3), (2,), {"label_smoothing": 1.0, "reduction": "sum"}),
    regions=per_argument(_LOGITS), **_TARGET,
)), ("probabilities", (2, 3), (2, 3), _SOFT), ("probabilities-smoothed", (2, 3, 2), (2, 3, 2), {"label_smoothing": 0.25, "reduction": "sum", **_SOFT}),
    arguments=("input", "target")))  # fmt: skip
operator("nn.functional.nll_loss(input, target, *, weight=None, ignore_index=-100, reduction='mean')", sampling=_with_class_weights(calls(
    *_CLASSES, *_IGNORED, regions=per_argument(_VALUES), **_TARGET,
)))  # fmt: skip
operator("nn.functional.cosine_similarity(x1, x2, *, dim=1, eps=1e-08)", sampling=calls(
    ("regular", (2, 3), (2, 3), {}), ("first", (3, 2), (3, 2), {"dim": 0}), ("broadcast-lead", (1, 3), (2, 3), {}),
    ("negative", (2, 3, 2), (2, 3, 2), {"dim": -2}), ("clamped", (2, 3), (2, 3), {"eps": 40.0}), ("vector", (3,), (3,), {"dim": 0}), ("empty", (0, 3), (0, 3), {}),
    arguments=("x1", "x2"), regions=per_argument(regions(without="subnormal huge tiny")),
))  # fmt: skip
