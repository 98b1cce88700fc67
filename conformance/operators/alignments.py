"""The loss of sequences whose alignment with their labels is unknown; and labels as rows of zeros with a one."""

from __future__ import annotations

from typing import Any

from conformance.operators.sampling import Choice, both, calls, per_argument, varied
from conformance.operators.spec import operator

_LOGITS = {"through": "log_softmax"}


def _labels(*values: int) -> dict[str, Any]:
    return {"choices": {"targets": Choice("given", values=values)}}


operator("nn.functional.ctc_loss(log_probs, targets, *, input_lengths, target_lengths, blank=0, reduction='mean', zero_infinity=False)", core=False, sampling=varied(calls(
    ("regular", (3, 2, 3), (2, 2), {"input_lengths": (3, 3), "target_lengths": (2, 1), **_labels(1, 2, 2, 1), **_LOGITS}),
    ("none", (3, 2, 3), (2, 2), {"input_lengths": (3, 2), "target_lengths": (2, 1), "reduction": "none", **_labels(2, 1, 1, 2), **_LOGITS}),
    ("sum", (4, 1, 3), (1, 2), {"input_lengths": (4,), "target_lengths": (2,), "reduction": "sum", **_labels(1, 2), **_LOGITS}),
    ("repeated", (4, 1, 2), (1, 2), {"input_lengths": (4,), "target_lengths": (2,), **_labels(1, 1), **_LOGITS}),
    ("tight", (3, 1, 2), (1, 2), {"input_lengths": (3,), "target_lengths": (2,), **_labels(1, 1), **_LOGITS}),
    ("in-one-row", (3, 2, 3), (3,), {"input_lengths": (3, 3), "target_lengths": (2, 1), **_labels(1, 2, 2), **_LOGITS}),
    ("other-blank", (3, 1, 3), (1, 2), {"input_lengths": (3,), "target_lengths": (2,), "blank": 2, **_labels(0, 1), **_LOGITS}),
    ("no-labels", (2, 2, 2), (2, 1), {"input_lengths": (2, 2), "target_lengths": (0, 1), **_labels(1), **_LOGITS}),
    ("one-step", (1, 1, 3), (1, 1), {"input_lengths": (1,), "target_lengths": (1,), **_labels(2), **_LOGITS}),
    ("unbatched", (3, 3), (2,), {"input_lengths": (3,), "target_lengths": (2,), **_labels(1, 2), **_LOGITS}),
    ("impossible", (2, 2, 3), (2, 2), {"input_lengths": (2, 2), "target_lengths": (2, 1), "zero_infinity": True, "reduction": "sum", **_labels(1, 1), **_LOGITS}),
    ("unnormalised", (3, 1, 3), (1, 2), {"input_lengths": (3,), "target_lengths": (2,), **_labels(1, 2)}),
    arguments=("log_probs", "targets"), regions=per_argument({"ordinary": both(-3.0, -0.2), "unlikely": both(-90.0, -20.0), "wide": both(1.0, 60.0, signed=True)}),
), forward=False, smooth=False))  # fmt: skip
_POSITIONS = {"tensor": Choice("index", 3)}
operator("nn.functional.one_hot(tensor, *, num_classes=-1)", core=False, sampling=calls(
    ("regular", (2, 3), {"num_classes": 4}), ("counted", (4,), {"choices": {"tensor": Choice("given", values=(2, 0, 2, 1))}}), ("scalar", (), {"num_classes": 3}), ("empty", (0,), {"num_classes": 2}),
    arguments=("tensor",), choices=_POSITIONS, regions=per_argument({"ordinary": both(0.0, 1.0)}),
))  # fmt: skip
