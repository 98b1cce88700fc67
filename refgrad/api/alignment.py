"""The loss of sequences whose alignment with their labels is unknown (connectionist temporal classification)."""

from __future__ import annotations

from typing import Any

from refgrad.api.activation import logsumexp
from refgrad.api.forms import placed
from refgrad.backends import namespace, to_host
from refgrad.ops.indexing import gather
from refgrad.ops.shape import cat, stack
from refgrad.rules import expand, where
from refgrad.tensor import Tensor

IMPOSSIBLE = -1e30  # the logarithm of no probability: finite, so that sums and differences of it have derivatives


def ctc_loss(
    log_probs: Tensor, targets: Tensor, input_lengths: Any, target_lengths: Any, blank: int = 0,
    reduction: str = "mean", zero_infinity: bool = False,
) -> Tensor:  # fmt: skip
    """The negated logarithm of the probability of all alignments: of (T, N, C) and labels (N, S), or in one row.

    Labels that no alignment reaches cost infinity, or with `zero_infinity` nothing, and take no gradient.
    """
    single = log_probs.ndim == 2
    x = log_probs.unsqueeze(1) if single else log_probs
    xp = namespace()
    lengths, counts = (xp.atleast_1d(xp.asarray(_plain(n))).astype(int) for n in (input_lengths, target_lengths))
    _check(x, lengths, counts, blank, reduction)
    _check_targets(targets, counts)
    labels = _labels(targets, counts, blank)
    loss = -_log_likelihood(where(x < IMPOSSIBLE, IMPOSSIBLE, x), labels, lengths, counts, blank)
    loss = where(loss > -IMPOSSIBLE / 2, 0.0 if zero_infinity else float("inf"), loss)
    if reduction == "mean":
        return (loss / placed(xp.maximum(counts, 1).astype(x._data.dtype), x)).mean()
    if reduction == "sum":
        return loss.sum()
    return loss.squeeze(0) if single else loss


def _plain(lengths: Any) -> Any:
    return to_host(lengths._data) if isinstance(lengths, Tensor) else lengths


def _check(x: Tensor, lengths: Any, counts: Any, blank: int, reduction: str) -> None:
    steps, batch, classes = x.shape
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"{reduction} is not a valid value for reduction")
    if not 0 <= blank < classes:
        raise RuntimeError("blank must be in label range")
    if lengths.shape != (batch,) or counts.shape != (batch,):
        raise RuntimeError("input_lengths and target_lengths must be of size batch_size")
    if lengths.min(initial=0) < 0 or lengths.max(initial=0) > steps:
        raise RuntimeError(f"Expected input_lengths to have value at most {steps}, but got value {lengths.max()}")


def _check_targets(targets: Tensor, counts: Any) -> None:
    needed = int(counts.sum()) if targets.ndim == 1 else int(counts.max(initial=0))
    if counts.min(initial=0) < 0 or targets.shape[-1] < needed:
        raise RuntimeError(
            f"Expected targets to have size at least {needed} at dimension {targets.ndim - 1}, but got size "
            f"{targets.shape[-1]}: target_lengths are {counts.tolist()}"
        )


def _labels(targets: Tensor, counts: Any, blank: int) -> Any:
    """(N, 2S + 1): the labels of each row with blanks between and around them; what is past its end is blank."""
    xp = namespace()
    rows, most = to_host(targets._data), int(counts.max(initial=0))
    found = xp.full((counts.size, 2 * most + 1), blank, "int64")
    starts = xp.cumsum(counts) - counts
    for i, n in enumerate(counts):
        row = rows[i] if rows.ndim == 2 else rows[starts[i] :]
        found[i, 1 : 2 * n : 2] = row[:n]
    return found


def _log_likelihood(x: Tensor, labels: Any, lengths: Any, counts: Any, blank: int) -> Tensor:
    """(N,): log of the sum over alignments, by the forward recursion over the steps."""
    xp = namespace()
    steps, batch, _ = x.shape
    places = labels.shape[1]
    at = placed(xp.broadcast_to(labels, (steps, batch, places)), x)
    emitted = gather(x, at, dim=2)
    skips = xp.zeros(labels.shape, bool)
    skips[:, 2:] = (labels[:, 2:] != blank) & (labels[:, 2:] != labels[:, :-2])
    skips, nowhere = placed(skips, x), x.new_full((batch, 2), IMPOSSIBLE)
    is_start = placed(xp.broadcast_to(xp.arange(places) == 0, labels.shape), x)
    reached = where(is_start, 0.0, expand(nowhere[:, :1], shape=labels.shape))  # before the first step: none emitted
    for t in range(steps):
        before = cat(nowhere, reached, dim=1)
        ways = stack(reached, before[:, 1:-1], where(skips, before[:, :-2], IMPOSSIBLE), dim=0)
        moved = logsumexp(ways, 0) + emitted[t]
        reached = where(placed((t < lengths)[:, None], x), moved, reached)
    ends = placed(xp.stack([2 * counts, xp.maximum(2 * counts - 1, 0)], axis=1), x)
    found = gather(reached, ends, dim=1)
    is_empty = placed(counts == 0, x)
    return where(is_empty, found[:, 0], logsumexp(found, 1))
