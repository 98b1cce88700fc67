"""What operators make of masked tensors: the data is computed and recorded as ever, and the mask goes along.

Derivatives come from the rows of the table, whose rules run on masked gradients as they do on others. Only the mask of a
result is decided here, by what an operator does with elements: it works on each by itself, moves them, or reduces them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from refgrad.creation import ones_like
from refgrad.dtypes import bool as boolean
from refgrad.dtypes import int64
from refgrad.masked.reductions import each, filled
from refgrad.masked.tensor import Constructor, MaskedTensor, with_mask
from refgrad.ops import cumulative, reduction
from refgrad.rules import Constant, Elementwise, Operator, cast, sum_to
from refgrad.tangents import alias
from refgrad.tensor import Tensor

_ONE_BY_ONE = frozenset(
    "abs sgn angle atan2 reciprocal conj cast clone contiguous alias zeros_like eq ne lt le gt ge isnan isinf isfinite isposinf "
    "isneginf isreal signbit isclose logical_and logical_or logical_xor logical_not bitwise_and bitwise_or bitwise_xor "
    "bitwise_not".split()
)
_MOVING = frozenset(
    "expand reshape view permute transpose t mT squeeze unsqueeze flip roll repeat diagonal diagonal_scatter "
    "unfold cat stack getitem setitem index index_put zeros to_device".split()
)
_REDUCING = frozenset("sum mean amax amin all any argmax argmin cumprod sum_to".split())


def apply_masked(op: Operator, args: Sequence[Any], attrs: dict[str, Any]) -> Any:
    """The operator's result as a masked tensor, recorded if an argument requires grad.

    *errors*: ValueError for arguments whose masks differ, TypeError for an operator that masks have no meaning for here.
    """
    if op.name in _REDUCING:
        return _reduced(op, args[0], attrs)
    if isinstance(op, (Elementwise, Constant)) or op.name in _ONE_BY_ONE or _selects(op, args):
        mask = _common(args)
    elif op.name in _MOVING:
        mask = op(*_masks(op, args), **attrs)
    else:
        raise TypeError(
            f"{op.name} is not supported for MaskedTensor: use an ordinary tensor, get_data() or to_tensor(value), "
            "and mask the result with as_masked_tensor"
        )
    y = op(*[alias(a) if isinstance(a, MaskedTensor) else a for a in args], **attrs)
    return with_mask(y, mask.expand(y.shape))


def _selects(op: Operator, args: Sequence[Any]) -> bool:
    """Whether this is a choice, for each element by itself, between it and a number."""
    return op.name == "where" and not all(isinstance(a, Tensor) for a in args)


def _common(args: Sequence[Any]) -> Tensor:
    """The mask that all masked arguments have."""
    first, *others = [a._mask for a in args if isinstance(a, MaskedTensor)]
    for mask in others:
        if mask is not first and (mask.ndim != first.ndim or not (mask == first).all()):
            raise ValueError(
                "Input masks must match; to count what counts in both, give both the mask a.get_mask() & b.get_mask()"
            )
    return first


def _masks(op: Operator, args: Sequence[Any]) -> list[Any]:
    """What goes through an operator that moves elements, in the place of its arguments: of ordinary ones all elements
    count, but for positions, which are what they are.
    """
    if op.name.startswith("index"):
        return [a._mask if isinstance(a, MaskedTensor) else a for a in args]
    return [
        a._mask if isinstance(a, MaskedTensor) else ones_like(a, dtype=boolean) if isinstance(a, Tensor) else True
        for a in args
    ]


def _reduced(op: Operator, x: MaskedTensor, attrs: dict[str, Any]) -> Any:
    """The reduction of the elements that count; of the result those count that any of them went into."""
    data, ones = filled(op.name, x.get_data(), x._mask), cast(x._mask, dtype=int64.array)
    count = _COUNTING.get(op.name, reduction.sum)(ones, **attrs)
    y = each(reduction.sum(data, **attrs), count) if op is reduction.mean else op(data, **attrs)
    return Constructor.apply(y, count > 0, False)


_COUNTING = {"cumprod": cumulative.cumsum, "sum_to": sum_to}
"""How the elements are counted that went into a result, where that is not their sum."""
