"""Where an operator goes wrong and where not: one thing is varied at a time, so what all failures share is telling."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from conformance.diagnosis.evidence import Answer, Pair
from conformance.diagnosis.kinds import Diagnosis, Kind
from conformance.diagnosis.likeness import PLACES
from conformance.diagnosis.looks import look

_Holds = Callable[[Answer], bool]
_FEW = 6  # names that are given


def _is_broadcast(a: Answer) -> bool:
    return a.facet("shape").startswith("broadcast") or a.facet("layout") == "expanded"


_SHARED: tuple[tuple[Kind, _Holds, Callable[[Answer], str]], ...] = (
    (Kind.LAYOUT, lambda a: a.is_strided, lambda a: a.label),
    (Kind.REDUCTION, _is_broadcast, lambda a: a.label),
    (Kind.REPEATED, lambda a: a.label == "same-tensor", lambda a: a.label),
    (Kind.CONSTANT, lambda a: a.label.startswith("constant-"), lambda a: a.label),
    (Kind.NONLINEAR, lambda a: a.facet("cotangent") in ("zero", "one-hot"), lambda a: f"{a.facet('cotangent')} cotangents"),
    (Kind.REGION, lambda a: a.facet("region") not in ("", "ordinary"), lambda a: f"{a.facet('region')} inputs"),
    (Kind.SHAPE, lambda a: a.facet("shape") not in ("", "regular"), lambda a: a.facet("shape")),
)  # fmt: skip
"""What all failures may share that is out of the ordinary, while the ordinary is right."""


def place(wrong: Sequence[Answer], right: Sequence[Answer]) -> Diagnosis | None:
    """Where it goes wrong, if that is what tells the wrong answers of a group from the right ones."""
    return _of_dtype(wrong, right) or _shared(wrong, right) or _of_elements(wrong, right) or _of_signs(wrong, right)


def _shared(wrong: Sequence[Answer], right: Sequence[Answer]) -> Diagnosis | None:
    for kind, holds, name in _SHARED:
        ordinary = [a for a in right if not holds(a)]
        if ordinary and all(map(holds, wrong)):
            names = _some(name(a) for a in wrong)
            return Diagnosis(kind, f"{kind}: {names} in {len(wrong)} cases, while {len(ordinary)} others are right")
    return None


def _of_signs(wrong: Sequence[Answer], right: Sequence[Answer]) -> Diagnosis | None:
    """Right for a single one as cotangent and wrong for signed ones of all sizes."""
    single = [a for a in right if a.facet("cotangent") == "one-hot"]
    if not single or any(a.facet("cotangent") == "one-hot" for a in wrong) or not all(a.cotangents for a in wrong):
        return None
    others = [a for a in right if a.facet("cotangent") != "one-hot"]
    if len(others) > len(wrong):
        return None
    return Diagnosis(Kind.NONLINEAR, f"{Kind.NONLINEAR}: right for a single one, wrong for signed ones of other sizes")


# dtypes


def _of_dtype(wrong: Sequence[Answer], right: Sequence[Answer]) -> Diagnosis | None:
    bad, good = {a.case.dtype for a in wrong}, {a.case.dtype for a in right}
    twins = {(_stem(a), a.case.dtype): a for a in right}
    if bad & good or not any(_shows_in(a, twins.get((_stem(a), d))) for a in wrong for d in good):
        return None
    if all(d.startswith("complex") for d in bad) and not any(d.startswith("complex") for d in good):
        seen = look(wrong)
        if seen is not None and seen.kind in (Kind.SIGN, Kind.FACTOR):
            return seen
        words = f"wrong for {_some(bad)} and right for {_some(good)}: a conjugate is missing, or there is one too many"
        return Diagnosis(Kind.TRANSPOSE, words)
    return Diagnosis(Kind.DTYPE, f"{Kind.DTYPE}: wrong for {_some(bad)}, right for {_some(good)} in the same cases")


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
    """Exactly the elements of one kind of input are wrong, or of one kind of cotangent."""
    for kind, arrays, what in ((Kind.REGION, _inputs, "inputs"), (Kind.NONLINEAR, _cotangents, "cotangents")):
        for which in range(2):
            seen = [e for a in (*wrong, *right) for e in _aligned(a, arrays, which)]
            for name, holds in PLACES.items():
                if _tells(seen, holds):
                    return Diagnosis(kind, f"{kind}: exactly the elements with {name} {what} are wrong")
    return None


def _inputs(a: Answer) -> tuple[np.ndarray, ...]:
    return a.inputs


def _cotangents(a: Answer) -> tuple[np.ndarray, ...]:
    return a.cotangents


def _aligned(
    a: Answer, arrays: Callable[[Answer], tuple[np.ndarray, ...]], which: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """What an array has beside each element that matters, and whether that element is wrong."""
    found = arrays(a)
    if which >= len(found) or np.iscomplexobj(found[which]):
        return
    for p in a.pairs:
        if p.got.shape == p.want.shape == found[which].shape:
            matters = _matters(p)
            yield found[which][matters], p.wrong[matters]


def _matters(p: Pair) -> np.ndarray:
    with np.errstate(all="ignore"):
        return p.wrong | (np.isfinite(p.want) & (np.abs(p.want) > 16 * p.tolerance))


def _tells(seen: Sequence[tuple[np.ndarray, np.ndarray]], holds: Callable[[np.ndarray], np.ndarray]) -> bool:
    if not seen:
        return False
    places = np.concatenate([holds(x) for x, _ in seen])
    bad = np.concatenate([wrong for _, wrong in seen])
    return 1 < np.count_nonzero(bad) < len(bad) - 1 and np.array_equal(places, bad)


def _some(names: Iterator[str] | set[str]) -> str:
    found = sorted(set(names))
    return ", ".join(found[:_FEW]) + (f" and {len(found) - _FEW} more" if len(found) > _FEW else "")
