"""How wrong answers look beside the right ones: each array is asked, and what most of them look like is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from conformance.compare import Status
from conformance.diagnosis.evidence import Answer, Pair
from conformance.diagnosis.kinds import Diagnosis, Kind
from conformance.diagnosis.likeness import factor, fraction, is_low_rank, like

_MOST = 0.6  # of the arrays that say something
_Look = tuple[Kind, str]


def look(wrong: Sequence[Answer]) -> Diagnosis | None:
    """What most of the wrong arrays look like, those with more than one number in them if there are such."""
    if wrong and all(a.status is Status.ERROR for a in wrong):
        error = wrong[0].reply["error"]
        return Diagnosis(Kind.RAISED, f"it raises {error['class']}: {error['message']}")
    asked = [(a, p) for a in _isolating(wrong) for p in a.wrong_pairs]
    if followed := _follows(asked):
        return followed
    several = [(a, p) for a, p in asked if np.count_nonzero(p.want) > 1]
    said = Counter(_look(a, p) for a, p in several or asked)
    by_kind: Counter[Kind] = Counter()
    for found, count in said.items():
        if found is not None:
            by_kind[found[0]] += count
    kind, count = by_kind.most_common(1)[0] if by_kind else (None, 0)
    if by_kind[Kind.NONLINEAR] > _MOST * sum(_has_beside(a, p) for a, p in several or asked):
        kind = Kind.NONLINEAR  # which is seen only where a cotangent lies beside each element
    elif kind is None or count < _MOST * said.total():
        return None
    words = Counter({found[1]: n for found, n in said.items() if found is not None and found[0] is kind})
    return Diagnosis(kind, words.most_common(1)[0][0])


def _has_beside(a: Answer, p: Pair) -> bool:
    return any(g.shape == p.want.shape for g in a.cotangents)


def unlike(wrong: Sequence[Answer]) -> Diagnosis | None:
    """What is left where the numbers are like nothing simple."""
    words = "neither a factor, a sign nor a transpose of the right numbers: a term is missing or wrong"
    return Diagnosis(Kind.TERM, words) if any(a.wrong_pairs for a in wrong) else None


def _isolating(wrong: Sequence[Answer]) -> Sequence[Answer]:
    """The answers that have one operand in them, where others are sums over operands."""
    mixed = any(a.facet("group") in ("jvp", "order2", "order3") for a in wrong)
    return [a for a in wrong if a.label.startswith("constant-")] or wrong if mixed else wrong


def _look(a: Answer, p: Pair) -> _Look | None:
    with np.errstate(all="ignore"):
        return next((found for guess in _GUESSES if (found := guess(a, p))), None)


def _structure(_a: Answer, p: Pair) -> _Look | None:
    if p.got.shape != p.want.shape:
        return Kind.REDUCTION, f"shape {p.got.shape} where {p.want.shape} is right: not summed, or over other axes"
    if p.got.dtype != p.want.dtype:
        return Kind.DTYPE, f"dtype {p.got.dtype} where {p.want.dtype} is right"
    return None


def _rounded(_a: Answer, p: Pair) -> _Look | None:
    """Double precision that is right to single precision."""
    if p.want.dtype not in (np.float64, np.complex128):
        return None
    error = np.abs(p.got - p.want)[p.wrong] / np.abs(p.want)[p.wrong]
    return (Kind.DTYPE, f"{Kind.DTYPE}: right to single precision only") if np.max(error) < 2.0**-22 else None


def _finite(_a: Answer, p: Pair) -> _Look | None:
    bad = ~np.isfinite(p.got) & np.isfinite(p.want)
    return (Kind.NOT_FINITE, "NaN or infinity where the number is finite") if bad.any() else None


def _zero(_a: Answer, p: Pair) -> _Look | None:
    if p.got[p.wrong].any():
        return None
    return Kind.TERM, "zero where the number is not: a path is cut or a term is missing"


def _multiple(_a: Answer, p: Pair) -> _Look | None:
    c = factor(p.got, p.want, p.tolerance)
    if c is None:
        return None
    return (Kind.FACTOR, f"a constant factor of {c:.6g}") if isinstance(c, complex) else _real(c)


def _real(c: float) -> _Look:
    return (
        (Kind.SIGN, "the sign is flipped")
        if abs(c + 1) < 1e-6
        else (Kind.FACTOR, f"a constant factor of {fraction(c)}")
    )


def _turned(a: Answer, p: Pair) -> _Look | None:
    if p.want.ndim > 1 and like(p.got, np.swapaxes(p.want, -1, -2), p.tolerance):
        return Kind.TRANSPOSE, "the transpose of the right array"
    if np.iscomplexobj(p.want) and like(p.got, p.want.conj(), p.tolerance):
        return Kind.TRANSPOSE, "the conjugate of the right array"
    if np.iscomplexobj(p.want) and like(np.abs(p.got), np.abs(p.want), p.tolerance):
        return Kind.TRANSPOSE, "right in magnitude and wrong in phase: the conjugate of a factor"
    if p.want.size > 2 and not np.iscomplexobj(p.want) and like(np.sort(p.got, axis=None), np.sort(p.want, axis=None)):
        return Kind.TRANSPOSE, "the right numbers in other places"
    return (Kind.TRANSPOSE, "as if a matrix had been taken without its transpose") if _untransposed(a, p) else None


def _untransposed(a: Answer, p: Pair) -> bool:
    """Whether a square matrix M stands in the answer where its transpose belongs, on either side of a product."""
    if p.want.ndim != 2:
        return False
    for m in (*a.inputs, *a.cotangents):
        if m.ndim != 2 or m.shape[0] != m.shape[1] or np.linalg.cond(m) > 1e4:
            continue
        swap = np.linalg.solve(m.T, m)
        left = swap.T if p.want.shape[0] == len(m) else None
        right = swap if p.want.shape[1] == len(m) else None
        if right is not None and like(p.got, p.want @ right):
            return True
        if left is not None and like(p.got, m @ np.linalg.solve(m.T, p.want)):
            return True
    return False


def _bent(a: Answer, p: Pair) -> _Look | None:
    """The answer is the right one bent: divided by it, it is a function of the cotangent beside it, or of itself."""
    if np.iscomplexobj(p.want) or np.count_nonzero(p.want) < 2:
        return None
    if cut := _cut_off(p):
        return Kind.NONLINEAR, f"{Kind.NONLINEAR}: cut off at {cut:.3g}"
    beside = [g for g in a.cotangents if g.shape == p.want.shape and not np.iscomplexobj(g)]
    known = p.want != 0
    for what, g in (*(("the cotangent", g) for g in beside), ("the right answer", p.want)):
        ratio, x = (p.got / p.want)[known], g[known]
        for words, form in _FORMS.items():
            if g is p.want and words.startswith("the same"):
                continue  # what is the same everywhere is no function of anything
            expected = form(x)
            if np.ptp(expected) > 1e-3 * np.abs(expected).max() and factor(ratio, expected) is not None:
                return Kind.NONLINEAR, f"{Kind.NONLINEAR}: {words.format(what)}"
    return None


def _cut_off(p: Pair) -> float:
    """The magnitude beyond which everything is cut off, if that is what is wrong."""
    size, bad = np.abs(p.got), p.wrong
    if np.count_nonzero(bad) < 2 or bad.all():
        return 0.0
    cut = float(size[bad][0])
    same = np.all(np.sign(p.got) == np.sign(p.want)) and like(size[bad], np.full(int(bad.sum()), cut))
    return cut if same and np.array_equal(np.abs(p.want) > cut, bad) else 0.0


_FORMS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "the same whatever {} is": lambda g: 1 / g,
    "the sign of {} alone": lambda g: 1 / np.abs(g),
    "the square of {}": lambda g: g,
    "the magnitude of {}": np.sign,
    "{} times its magnitude": np.abs,
}


def _offset(_a: Answer, p: Pair) -> _Look | None:
    residual = p.want - p.got
    if p.want.size > 2 and np.count_nonzero(residual) > 1 and like(residual, np.full_like(residual, residual.mean())):
        return Kind.TERM, "a term is missing that is the same for all elements, such as that of a mean"
    if np.count_nonzero(p.want) > 2 and is_low_rank(residual):
        return Kind.TERM, "a term of rank one is missing, such as that of a sum, a mean or a normaliser"
    return None


_GUESSES = (_structure, _finite, _rounded, _zero, _multiple, _turned, _bent, _offset)


def _follows(wrong: Sequence[tuple[Answer, Pair]]) -> Diagnosis | None:
    """Multiples of the right arrays, but other ones in each case: what the factor follows."""
    found = []
    for a, p in wrong:
        c = factor(p.got, p.want, p.tolerance) if np.count_nonzero(p.want) > 1 else None
        if isinstance(c, float) and c > 0:
            found.append((round(c, 3), _counts(c, a, p)))
    different = len({c for c, _ in found})
    if different < 2 or len(found) < _MOST * len(wrong):
        return None
    if sum(fits for _, fits in found) > 0.8 * len(found):  # what is expanded or tiled counts otherwise
        words = "a factor that follows the number of elements: a sum where a mean belongs, or the reverse"
        return Diagnosis(Kind.REDUCTION, words)
    if different > len(found) / 2:
        return Diagnosis(Kind.NONLINEAR, f"{Kind.NONLINEAR}: a factor that is another one in each case")
    return None


def _counts(c: float, a: Answer, p: Pair) -> bool:
    """Whether a factor is a number of elements, or one over it, or what comes of counting one too few."""
    lengths = {n for x in (*a.inputs, *a.cotangents) for n in (*x.shape, x.size)}
    summed = {p.want.size // g.size for g in a.cotangents if g.size}
    return any(np.isclose([c, 1 / c], m, rtol=1e-3).any() for n in lengths | summed if n > 1 for m in (n, n / (n - 1)))
