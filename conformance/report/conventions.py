"""What engines do where there is no derivative, or only by convention: at kinks, ties and singular points.

The points are those of the frozen cases, and of documented behaviours; what PyTorch documents is what the case expects.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from conformance import catalogue
from conformance.cases import Case
from conformance.codec import decode_array
from conformance.corpus.loader import load_cases
from conformance.errors import CorpusError

_DTYPE, _NARROW = "float64", "float32"  # the narrow one for an engine that has no other
_AGREES = 1e-6  # of the documented slope: what is further off is another convention, not rounding

_DOCUMENTED: tuple[tuple[str, str, str, tuple[int, ...]], ...] = (
    ("sqrt at 0", "nondiff.sqrt-at-zero", "r15", (0,)),
    ("log at 0", "nondiff.log-at-zero", "r15", (0,)),
    ("1 / x at 0", "nondiff.log-at-zero", "r20", (0,)),
    ("x ** 0.5 at 0", "nondiff.pow-half-at-zero", "r15", (0,)),
    ("x ** 0 at 0", "nondiff.pow-half-at-zero", "r20", (0,)),
    ("2-norm of zeros", "nondiff.norm-at-zero/vector_norm_at_zero", "r4", (0,)),
    ("1-norm of zeros", "nondiff.norm-at-zero/vector_norm_at_zero", "r8", (0,)),
    ("infinity norm, two of equal size", "nondiff.inf-norm-ties-split", "r4", (0, 1)),
    ("amax over all, two tied", "nondiff.max-all-ties-split/amax_over_all", "r4", (0, 1)),
    ("prod, the one zero factor", "nondiff.prod-with-zero/products_along_a_dimension", "r4", (0,)),
    ("cumprod, the one zero factor", "nondiff.prod-with-zero/products_along_a_dimension", "r13", (0,)),
    ("log of a negative number", "nondiff.undefined-points-are-arbitrary", "r10", (0,)),
    ("abs at nan", "nondiff.nan-input-need-not-propagate", "r6", (0,)),
    ("relu at -1, cotangent nan", "nondiff.nan-incoming-inactive-does-not-contaminate", "r5", (0,)),
    ("where, nan in the branch not taken", "nondiff.where-does-not-hide-nan", "r9", (0,)),
)
"""Label, behaviour, read and the elements of it, where the cotangent is one."""


@dataclass(frozen=True)
class Point:
    """One point: which elements of which read of a case tell the slope there, for which cotangents, and what is documented."""

    label: str
    case: str
    read: str
    places: tuple[int, ...]
    cotangents: tuple[float, ...]
    documented: str

    def answer(self, reply: Mapping[str, Any] | None) -> str:
        """An engine's slopes as text; nothing where the case was not run or not offered."""
        if reply is None or reply["status"] in ("unsupported", "not-run"):
            return ""
        observed = reply.get("observations", {}).get(self.read, {})
        if "array" not in observed:
            return "raises" if reply["status"] == "error" else "none" if observed.get("none") else reply["status"]
        values = decode_array(observed["array"]).ravel()
        if max(self.places) >= values.size:
            return "another shape"
        return _text([float(values[k]) / c for k, c in zip(self.places, self.cotangents, strict=True)])


def kind(answer: str, documented: str) -> str:
    """How an answer compares: pass, part where it is another finite slope, fail where it is none, or none.

    >>> kind("0.5", "0"), kind("nan", "0"), kind("inf", "inf"), kind("", "0")
    ('part', 'fail', 'pass', 'none')
    """
    if not answer:
        return "none"
    if answer == documented:
        return "pass"
    return "part" if all(c in "0123456789-., e+" for c in answer) else "fail"


def answers(replies: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """An engine's slopes by the points' labels, those in float32 where it has no float64."""
    has_operators = any(case.startswith("op/") for case in replies)
    known = points if has_operators else _of_behaviours  # without an operator there is no need to read the corpus
    narrow = {p.label: p.answer(replies.get(p.case)) for p in known(_NARROW)}
    found = {p.label: p.answer(replies.get(p.case)) or narrow.get(p.label, "") for p in known()}
    return {label: text for label, text in sorted(found.items()) if text}


@cache
def points(dtype: str = _DTYPE) -> tuple[Point, ...]:
    """Every point, by label; none where the corpus cannot be read."""
    try:
        kinks = [p for case in load_cases(chosen=_is_kink) if case.dtype == dtype for p in _slopes(case)]
    except CorpusError:
        return ()
    return tuple(sorted([*_unlike(kinks), *_of_behaviours(dtype)], key=lambda p: p.label))


def _is_kink(facets: Mapping[str, str]) -> bool:
    return facets["group"] == "vjp" and facets["region"] in ("kink", "tie") and facets["direction"] == "reverse"


def _of_behaviours(dtype: str = _DTYPE) -> Iterator[Point]:
    """The points that documented behaviours are about."""
    cases = {case.id: case for case in catalogue.load()}
    for label, behaviour, read, places in _DOCUMENTED:
        case = cases.get(f"{behaviour}@{dtype}")
        if case is not None:
            yield _point(label, case, read, places, (1.0,) * len(places))


def _slopes(case: Case) -> Iterator[Point]:
    """The points of a pointwise operator's case: an element for each value of its input, an operand at a time."""
    program = case.program
    if program is None:
        return
    leaves = {s.out[0]: np.asarray(s.args[0]) for s in program.walk() if s.do == "leaf"}
    *operands, cotangent = leaves.values()
    calls = [s for s in program.walk() if s.do == "op"]
    if len(calls) > 1 or any(x.shape != cotangent.shape for x in operands):
        return
    call = calls[0]
    name = call.name.rpartition(".")[2]
    given = ", ".join(f"{k}={v:g}" for k, v in call.kw.items() if isinstance(v, float | int))
    for number, (e, x) in enumerate(zip(case.expectations, operands, strict=False)):
        if len(operands) > 1:
            yield _point(f"{name} of equals, {('first', 'second')[number]}", case, e.read, (0,), (cotangent.flat[0],))
            continue
        values = sorted(set(x.ravel().tolist()))
        for value in (
            values if len(values) < 3 else sorted(values, key=abs)[:1]
        ):  # the steps of floor and its like are all alike
            place = x.ravel().tolist().index(value)
            label = f"{name}({given}) at {value:g}" if given else f"{name} at {value:g}"
            yield _point(label, case, e.read, (place,), (cotangent.flat[place],))


def _point(label: str, case: Case, read: str, places: tuple[int, ...], cotangents: tuple[float, ...]) -> Point:
    (expected,) = (np.asarray(e.value).ravel() for e in case.expectations if e.read == read)
    slopes = [float(expected[k]) / c for k, c in zip(places, cotangents, strict=True)]
    return Point(label, case.id, read, places, cotangents, _text(slopes))


def _unlike(found: list[Point]) -> list[Point]:
    """One point for each label."""
    return list({p.label: p for p in found}.values())


def _text(slopes: list[float]) -> str:
    return ", ".join(f"{0.0 if abs(s) < _AGREES else s:.5g}" for s in slopes)
