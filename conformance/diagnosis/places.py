"""Where an operator goes wrong and where not: one thing is varied at a time, so what all failures share is telling."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product

import numpy as np

from conformance.diagnosis.evidence import Answer, Pair
from conformance.diagnosis.kinds import Diagnosis, Kind
from conformance.diagnosis.likeness import apart
from conformance.diagnosis.looks import look

_Holds = Callable[[Answer], bool]
_FEW = 6  # names that are given
_SPECIAL = ("signed-zero", "infinite", "nan")  # regions without ordinary numbers
_MOST = 0.6  # of the wrong answers


def _is_broadcast(a: Answer) -> bool:
    return a.facet("shape").startswith("broadcast") or a.facet("layout") == "expanded"


def _is_other_call(a: Answer) -> bool:
    """Whether shapes or attributes are not those of the first call."""
    return a.facet("shape") not in ("", "regular") or a.label == "attributes" or a.facet("layout") == "tiled"


def _is_other_dtype(a: Answer) -> bool:
    return a.label.startswith(("integer-", "mixed-"))


_SHARED: tuple[tuple[Kind, _Holds], ...] = (
    (Kind.LAYOUT, lambda a: a.is_strided),
    (Kind.REDUCTION, _is_broadcast),
    (Kind.REPEATED, lambda a: a.label == "same-tensor"),
    (Kind.DTYPE, _is_other_dtype),
    (Kind.CONSTANT, lambda a: a.label.startswith("constant-") or _is_other_dtype(a)),
    (Kind.NONLINEAR, lambda a: a.facet("cotangent") in ("zero", "one-hot")),
    (Kind.REGION, lambda a: a.facet("region") not in ("", "ordinary")),
    (Kind.SHAPE, lambda a: _is_other_call(a)),
)
"""What all failures may share that is out of the ordinary, while the ordinary is right."""


def place(wrong: Sequence[Answer], right: Sequence[Answer]) -> Diagnosis | None:
    """Where it goes wrong, if that is what tells the wrong answers of a group from the right ones."""
    return _of_elements(wrong, right) or _of_dtype(wrong, right) or _shared(wrong, right)


def _shared(wrong: Sequence[Answer], right: Sequence[Answer]) -> Diagnosis | None:
    for kind, holds in _SHARED:
        ordinary = [a for a in right if not holds(a)]
        if ordinary and all(map(holds, wrong)):
            names = _some(a.label for a in wrong)
            return Diagnosis(kind, f"{kind}: {names} in {len(wrong)} cases, while {len(ordinary)} others are right")
    return None


def signs(wrong: Sequence[Answer], right: Sequence[Answer]) -> Diagnosis | None:
    """Right for a single one as cotangent and wrong for signed ones of all sizes."""
    single = [a for a in right if a.facet("cotangent") == "one-hot"]
    if not single or any(a.facet("cotangent") == "one-hot" for a in wrong):
        return None
    others = [a for a in right if a.facet("cotangent") != "one-hot"]
    if len(others) > len(wrong) or sum(_is_all_wrong(a) for a in wrong) < _MOST * len(wrong):
        return None
    return Diagnosis(Kind.NONLINEAR, f"{Kind.NONLINEAR}: right for a single one, wrong for signed ones of other sizes")


def _is_all_wrong(a: Answer) -> bool:
    """Whether nearly everything that matters in it is wrong, as where the cotangent itself is misused."""
    wrong = sum(np.count_nonzero(p.wrong) for p in a.wrong_pairs)
    return wrong > 0.8 * sum(np.count_nonzero(_matters(p)) for p in a.wrong_pairs if p.got.shape == p.want.shape)


# dtypes


def _of_dtype(wrong: Sequence[Answer], right: Sequence[Answer]) -> Diagnosis | None:
    bad = {a.case.dtype for a in wrong}
    clean = {a.case.dtype for a in right} - bad
    twins = {(_stem(a), a.case.dtype): a for a in right}
    shown = sum(any(_shows_in(a, twins.get((_stem(a), d))) for d in clean) for a in wrong)
    if shown < _MOST * len(wrong) or not shown:
        return None
    if all(d.startswith("complex") for d in bad) and not any(d.startswith("complex") for d in clean):
        seen = look(wrong)
        if seen is not None and seen.kind in (Kind.SIGN, Kind.FACTOR, Kind.TRANSPOSE):
            return seen
    return Diagnosis(Kind.DTYPE, f"{Kind.DTYPE}: wrong for {_some(bad)}, right for {_some(clean)} in the same cases")


def _stem(a: Answer) -> str:
    return a.case.id.rpartition("@")[0]


def _shows_in(a: Answer, twin: Answer | None) -> bool:
    """Whether what is wrong in an answer would be beyond the tolerance of the same case in another dtype."""
    if twin is None:
        return False
    if not a.wrong_pairs or len(a.pairs) != len(twin.pairs):
        return not a.wrong_pairs  # it raised, or another structure came
    for mine, other in zip(a.pairs, twin.pairs, strict=True):
        if mine.got.shape != other.want.shape:
            return True
        with np.errstate(all="ignore"):
            error = np.abs(mine.got.astype(np.complex128) - mine.want)
        if mine.got.dtype != mine.want.dtype or bool(np.any(mine.wrong & ~(error <= 2 * other.tolerance))):
            return True
    return False


# elements


def _of_elements(wrong: Sequence[Answer], right: Sequence[Answer]) -> Diagnosis | None:
    """The wrong elements are told from the others by the input beside them, or by the cotangent.

    Of one dtype, since others have other tolerances, and of one array that is read, since others have other rules.
    """
    finest = max((a.case.dtype for a in wrong if a.case.dtype.startswith("float")), default="")
    asked = [
        a for a in (*wrong, *right) if a.case.dtype == finest and not a.is_strided and a.facet("region") not in _SPECIAL
    ]
    for kind, arrays, what in _BESIDE:
        for which, read in product(range(2), range(2)):
            seen = [e for a in asked for e in _aligned(a, arrays(a)[which : which + 1], a.pairs[read : read + 1])]
            if not seen:
                continue
            x, bad = (np.concatenate(parts) for parts in zip(*seen, strict=True))
            side = apart(x[bad], x[~bad])
            if side:
                return Diagnosis(kind, f"{kind}: exactly the elements with {what} {side} are wrong")
    return None


_BESIDE: tuple[tuple[Kind, Callable[[Answer], tuple[np.ndarray, ...]], str], ...] = (
    (Kind.REGION, lambda a: a.inputs, "inputs"),
    (Kind.NONLINEAR, lambda a: a.cotangents, "cotangents"),
)


def _aligned(a: Answer, arrays: Sequence[np.ndarray], pairs: Sequence[Pair]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """What an array has beside each element that matters, and whether that element is wrong."""
    for x, p in product(arrays, pairs):
        if p.got.shape == p.want.shape == x.shape and not np.iscomplexobj(x):
            matters = _matters(p)
            yield x[matters].astype(np.float64), p.wrong[matters]


def _matters(p: Pair) -> np.ndarray:
    with np.errstate(all="ignore"):
        return p.wrong | (np.isfinite(p.want) & (np.abs(p.want) > 16 * p.tolerance))


def _some(names: Iterator[str] | set[str]) -> str:
    found = sorted(set(names))
    return ", ".join(found[:_FEW]) + (f" and {len(found) - _FEW} more" if len(found) > _FEW else "")
