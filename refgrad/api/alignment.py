"""The loss of sequences whose alignment with their labels is unknown (connectionist temporal classification)."""

from __future__ import annotations

from typing import Any

from refgrad.api.forms import placed
from refgrad.api.naming import recorded_as
from refgrad.backends import namespace, to_host
from refgrad.ops.elementary import logaddexp
from refgrad.ops.indexing import gather
from refgrad.rules import where
from refgrad.tensor import Tensor

IMPOSSIBLE = (
    -1e30
)  # stands for an infinite log-probability: finite, so that sums and differences of it have derivatives


def _title(
    y: Tensor, log_probs: Tensor, targets: Tensor, input_lengths: Any, target_lengths: Any, blank: int = 0,
    reduction: str = "mean", zero_infinity: bool = False,
) -> str | None:  # fmt: skip
    """Where more follows the recursion, PyTorch prints the last step, which has its own name here too."""
    alone = reduction == "none" and not zero_infinity and log_probs.ndim == 3
    return "CtcLossBackward0" if alone else None


@recorded_as(_title)
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
    likelihood, is_possible = _log_likelihood(where(x < IMPOSSIBLE, IMPOSSIBLE, x), labels, lengths, counts, blank)
    is_possible = is_possible & (likelihood > IMPOSSIBLE / 2)
    loss = where(is_possible, -likelihood, 0.0 if zero_infinity else float("inf"))
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


def _log_likelihood(x: Tensor, labels: Any, lengths: Any, counts: Any, blank: int) -> tuple[Tensor, Tensor]:
    """(N,): log of the sum over alignments, by the forward recursion over the steps; and whether there is an alignment."""
    xp = namespace()
    steps = x.shape[0]
    here = xp.broadcast_to(xp.arange(labels.shape[1]), labels.shape)
    emitted = gather(x, placed(xp.broadcast_to(labels, (steps, *labels.shape)), x), dim=2)
    skips = xp.zeros(labels.shape, bool)
    skips[:, 2:] = (labels[:, 2:] != blank) & (labels[:, 2:] != labels[:, :-2])
    seen = here == 0  # the places that an alignment can have come to: before the first step none is emitted
    reached = x.new_zeros(labels.shape)
    for t in range(steps):
        goes_on = (t < lengths)[:, None]
        ways = [seen, _later(seen, 1), skips & _later(seen, 2)]
        moved = _sum_of_ways(reached, here, ways) + emitted[t]
        now = goes_on & (ways[0] | ways[1] | ways[2])
        reached = where(placed(now, x), moved, reached)
        seen = xp.where(goes_on, now, seen)
    ends = xp.broadcast_to(2 * counts[:, None], labels.shape)
    ways = [xp.take_along_axis(seen, ends, 1), xp.take_along_axis(seen, xp.maximum(ends - 1, 0), 1) & (ends > 0)]
    return _sum_of_ways(reached, ends, ways)[:, 0], placed((ways[0] | ways[1])[:, 0], x)


def _later(seen: Any, n: int) -> Any:
    """What was `n` places before."""
    later = namespace().zeros(seen.shape, bool)
    later[:, n:] = seen[:, : seen.shape[1] - n]
    return later


def _sum_of_ways(reached: Tensor, here: Any, ways: list[Any]) -> Tensor:
    """The logarithm of what comes from each place itself, from the one before, and so on, as far as these ways are open.

    Only sums of what there is are taken: no number stands for the logarithm of nothing, whose rounding would be seen.
    """
    xp = namespace()
    first = xp.argmax(xp.stack(ways), axis=0)
    total = gather(reached, placed(xp.maximum(here - first, 0), reached), dim=1)
    for k, is_open in enumerate(ways):
        more = is_open & (first != k)
        if more.any():
            other = gather(reached, placed(xp.where(more, here - k, here), reached), dim=1)
            total = where(placed(more, reached), logaddexp(total, other), total)
    return total
