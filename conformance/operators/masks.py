"""Reductions and normalisations over the elements that a mask lets count, as in `torch.masked`.

What nothing counts in is undefined by PyTorch's documentation, and so are the elements of normalisations that do not count:
`invariant` reads the rest. What does not count gets no gradient, whatever stands there: infinities and NaN too.
"""

from __future__ import annotations

from typing import Any

from conformance.operators.sampling import (
    Choice,
    Sampling,
    both,
    calls,
    each,
    more,
    per_argument,
    points,
    regions,
    rows,
)
from conformance.operators.spec import operator

_MODEST = per_argument(regions(without="subnormal huge integers tiny", large=each((1e3, 1e6), (1e2, 1e4), signed=True)))
_TAILS = per_argument(regions(without="subnormal huge integers", tails=each((50.0, 700.0), (20.0, 90.0), signed=True)))
_WEIGHTS = per_argument(regions(without="subnormal huge integers", large=both(3.0, 9.0, signed=True)))
_ROWS = per_argument(
    {
        "ordinary": both(
            0.2, 3.0, by_magnitude=True, signed=True
        ),  # not evenly spread, as tangents are: of such there is
        "constant": rows(0.5, 3.0),  # no second derivative of a deviation
        "large": each((1e3, 1e6), (1e2, 1e4), by_magnitude=True, signed=True),
    }
)
_ZEROS = per_argument(
    regions(
        without="subnormal huge tiny",
        zero=points(2.0, 0.0, -3.0, 4.0, 5.0, 0.5),
        zeros=points(3.0, 0.0, 0.0, 2.0, 0.0, 7.0),
    )
)
_NORMS = per_argument(
    regions(without="subnormal huge", boundary=(0.0,), large=each((1e3, 1e6), (1e2, 1e4), signed=True))
)
_GIVEN = {"mask": Choice("given", values=(True, False, True, True, True, True, False, True))}
_ANY = {"mask": Choice("bool")}
_WILD = {
    "choices": {"mask": Choice("finite")},
    "ranges": {"input": points(1.5, float("nan"), -2.0, 0.75, float("inf"), -0.5, 3.0, float("-inf"))},
}
"""Elements that are no numbers, and a mask that leaves them out."""


def _reduced(*own: tuple[Any, ...], one: bool = False, **options: Any) -> Sampling:
    """Calls over one, several and all dimensions, with masks of the same shape, of fewer dimensions, and none."""
    dim = (lambda d: d) if one else (lambda d: (d,))
    several: list[tuple[Any, ...]] = [
        ("whole", (2, 3), (2, 3), {}), ("several", (2, 2, 3), (2, 2, 3), {"dim": (0, -1), "keepdim": True}), ("all", (3, 2), (3, 2), {"dim": ()}),
    ]  # fmt: skip
    return calls(
        ("regular", (2, 4), (2, 4), {"dim": dim(1), "choices": _GIVEN}),
        ("columns", (3, 2), (3, 2), {"dim": dim(0)}), ("mask-row", (2, 3), (3,), {"dim": dim(0)}), ("mask-column", (3, 2), (3, 1), {"dim": dim(-1)}),
        ("not-counted", (2, 3), (2, 3), {"dim": dim(1), "choices": {"mask": Choice("given", values=(False, False, False, True, False, True))}}),
        ("wild", (2, 4), (2, 4), {"dim": dim(1), **_WILD}), ("no-mask", (2, 3), None, {"dim": dim(0), "keepdim": True}),
        *([] if one else several), *own, ("scalar", (), (), {"dim": dim(0)}), ("size-1", (1,), (1,), {"dim": dim(0)}), ("empty", (0, 3), (3,), {"dim": dim(1)}),
        **{"arguments": ("input", "mask"), "choices": _ANY, "regions": _MODEST, "invariant": "counted"} | options,
    )  # fmt: skip


def _kept(*own: tuple[Any, ...], given: dict[str, Any] | None = None, single: bool = True, **options: Any) -> Sampling:
    """Calls along a dimension that stays; `single` ones hold one element."""
    given = given or {}
    alone = (("scalar", (), (), {"dim": 0, **given}), ("size-1", (1,), (1,), {"dim": 0, **given})) if single else ()
    return calls(
        ("regular", (2, 4), (2, 4), {"dim": 1, "choices": _GIVEN, **given}), ("columns", (3, 2), (3, 2), {"dim": 0, **given}),
        ("mask-row", (2, 3), (3,), {"dim": -2, **given}), ("mask-column", (3, 2), (3, 1), {"dim": -1, **given}),
        ("wild", (2, 4), (2, 4), {"dim": 1, **given, **_WILD}), ("no-mask", (2, 3), None, {"dim": 1, **given}), *own,
        *alone, ("empty", (0, 3), (3,), {"dim": 1, **given}),
        **{"arguments": ("input", "mask"), "choices": _ANY, "regions": _MODEST, "invariant": "counting"} | options,
    )  # fmt: skip


_OVER = "input, *, dim=None, keepdim=False, mask=None"
operator(f"masked.sum({_OVER})", core=False, sampling=_reduced(complex=True))
operator(f"masked.mean({_OVER})", core=False, sampling=_reduced(complex=True))
operator(f"masked.prod({_OVER})", core=False, sampling=_reduced(regions=_ZEROS, complex=True))
operator(f"masked.amax({_OVER})", core=False, sampling=_reduced(ties="even-max"))
operator(f"masked.amin({_OVER})", core=False, sampling=_reduced(ties="even-min"))
operator("masked.median(input, *, dim=-1, keepdim=False, mask=None)", core=False, sampling=_reduced(one=True))
operator(f"masked.logsumexp({_OVER})", core=False, sampling=_reduced(regions=_TAILS, complex=True))
_TWO = {"mask": Choice("given", values=(True, False, True, False, False, False))}
"""Of each row or column two elements or none, since of one there is no variance."""
for _name in ("var", "std"):
    operator(f"masked.{_name}(input, *, dim=None, unbiased=OMITTED, correction=OMITTED, keepdim=False, mask=None)", core=False, sampling=calls(
        ("regular", (2, 4), (2, 4), {"dim": (1,), "choices": _GIVEN}), ("columns", (3, 2), (3, 2), {"dim": (0,), "keepdim": True, "choices": _TWO}),
        ("mask-row", (2, 3), (3,), {"dim": (-2,)}), ("mask-column", (3, 2), (3, 1), {"dim": (1,)}),
        ("wild", (2, 4), (2, 4), {"dim": (1,), **_WILD}), ("no-mask", (2, 3), None, {"dim": (1,)}), ("whole", (2, 3), (2, 3), {"choices": _TWO}),
        ("several", (2, 2, 3), (2, 2, 3), {"dim": (0, -1), "keepdim": True, "choices": _TWO}), ("empty", (0, 3), (3,), {"dim": (1,)}),
        ("biased", (2, 4), (2, 4), {"dim": (1,), "unbiased": False, "choices": _GIVEN}), ("corrected", (2, 4), (2, 4), {"dim": (1,), "correction": 0.5, "choices": _GIVEN}),
        ("alone", (2, 3), (2, 3), {"dim": (1,), "correction": 0, "choices": {"mask": Choice("given", values=(False, True, False, True, True, False))}}),
        arguments=("input", "mask"), choices=_ANY, regions=_ROWS, invariant="counted", complex=True,
    ))  # fmt: skip
operator("masked.norm(input, *, ord=2.0, dim=None, keepdim=False, mask=None)", core=False, sampling=_reduced(
    *(("order", (2, 4), (2, 4), {"ord": o, "dim": (1,), "choices": _GIVEN}) for o in (1.0, 3.0, float("inf"), float("-inf"))), regions=_NORMS,
))  # fmt: skip

_ALONG = "input, *, dim, mask=None"
for _name in ("softmax", "log_softmax", "softmin"):
    operator(f"masked.{_name}({_ALONG})", core=False, sampling=_kept(regions=_WEIGHTS, single=_name != "log_softmax"))
operator(f"masked.cumsum({_ALONG})", core=False, sampling=_kept(complex=True))
operator(f"masked.cumprod({_ALONG})", core=False, sampling=_kept(regions=_ZEROS, complex=True))
operator("masked.normalize(input, *, ord, dim, eps=1e-12, mask=None)", core=False, sampling=_kept(
    ("order", (2, 4), (2, 4), {"dim": 1, "ord": 1.0}), ("order", (2, 4), (2, 4), {"dim": 1, "ord": 3.0}), ("largest", (2, 4), (2, 4), {"dim": 1, "ord": float("inf")}),
    ("floor", (2, 3), (2, 3), {"dim": 0, "ord": 2.0, "eps": 50.0}), given={"ord": 2.0}, complex=True,
))  # fmt: skip
_BOTH = {
    "choices": {"input_mask": Choice("finite"), "other_mask": Choice("finite", of="other")},
    "ranges": {"input": points(1.5, float("nan"), -2.0, float("-inf")), "other": points(float("inf"), 2.5, float("nan"), 0.5, -1.5)},
}  # fmt: skip
operator("masked.logaddexp(input, other, *, input_mask=None, other_mask=None)", core=False, sampling=more(
    calls(
        ("regular", (2, 3), (2, 3), (2, 3), (2, 3), {}), ("one", (2, 3), (2, 3), (2, 3), None, {}), ("other", (2, 3), (3,), None, (3,), {}),
        ("broadcast-mask", (2, 3), (2, 3), (3,), (2, 1), {}), ("wild", (2, 4), (2, 4), (2, 4), (2, 4), _BOTH),
        ("scalar", (), (), (), (), {}), ("size-1", (1,), (1,), (1,), (1,), {}), ("empty", (0,), (0,), (0,), (0,), {}),
        arguments=("input", "other", "input_mask", "other_mask"), choices={"input_mask": Choice("bool"), "other_mask": Choice("bool")},
        regions=_TAILS, invariant="counting",
    ), ("no-mask", (2, 3), (2, 3), {}), arguments=("input", "other"),
))  # fmt: skip
