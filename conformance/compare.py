"""Observed against expected: a judgement. Pure, and the only place that judges.

Structure first, exactly (None or a tensor, dtype, shape); then the class of each element (finite, infinite,
nan), exactly; then finite values element by element against the frozen tolerance, never by a norm.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

from conformance.codec import decode_array, decode_literal
from conformance.errors import SuiteFault


class Status(StrEnum):
    """What became of one case. Never collapsed into one another."""

    PASS = "pass"
    PERMITTED = "permitted"
    FAIL = "fail"
    ERROR = "error"
    CRASH = "crash"
    TIMEOUT = "timeout"
    UNSUPPORTED = "unsupported"
    WAIVED = "waived"
    BLOCKED = "blocked"
    FLAKY = "flaky"
    INCONCLUSIVE = "inconclusive"
    VERSION = "version"
    NOT_RUN = "not-run"


@dataclass(frozen=True)
class Expectation:
    """What one read must show.

    `kind` is array, flag, error, warning, equal, contains or lacks. An array has a tolerance of its own shape
    (None: exact), and may have permitted alternatives. Where there is no derivative it may have the Clarke subdifferential:
    every element is `between` two numbers, and what elements share has a `total`, along the last dimension or with those
    of another read, the `partner`.
    """

    read: str
    kind: str
    value: Any
    tolerance: np.ndarray | None = None
    permitted: tuple[np.ndarray, ...] = ()
    signed_zero: bool = False
    second: np.ndarray | None = None  # a narrower bound, for wide tolerances: what is above it alone is inaccurate
    inexact: bool = False  # a documented value that floating point only comes close to: its tolerance must be frozen
    between: tuple[np.ndarray, ...] = ()  # the least and the greatest of each element; elsewhere both are the value
    total: np.ndarray | None = None
    partner: str = ""


@dataclass(frozen=True)
class Judgement:
    """The status of a case, why, how accurate the answer was, and where it went wrong."""

    status: Status
    reason: str = ""
    grade: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


GRADES = ("exact", "2 ulp", "16 ulp", "backward stable", "order of magnitude", "inaccurate")
"""From best to worst. `backward stable` is within 4 u of the largest entry; `order of magnitude` within the tolerance alone;
`inaccurate` is above the tolerance but below 4 u of the largest entry: a finding, not a failure."""
_STABLE = 4
"""Units of roundoff of the largest entry, within which an answer is that of a problem with nearly the same numbers."""
_KEPT = {"float64": 2.0**-20, "float32": 2.0**-10, "float16": 2.0**-5, "bfloat16": 2.0**-4}
"""What an inaccurate element may be off by relative to itself: with less of it left it is wrong, however large others are."""
_UNIT_ROUNDOFF = {"float64": 2.0**-53, "float32": 2.0**-24, "float16": 2.0**-11, "bfloat16": 2.0**-8}


def judge(expectations: Sequence[Expectation], reply: Mapping[str, Any]) -> Judgement:
    """The judgement of a case: the engine's reply against everything that the case must show.

    >>> reply = {"status": "done", "observations": {"r1": {"flag": True}}}
    >>> judge([Expectation("r1", "flag", False)], reply).reason
    'r1: expected False, got True'
    """
    outcome = reply["status"]
    if outcome == "unsupported":
        return Judgement(Status.UNSUPPORTED, f"needs {reply['feature']}", details={"feature": reply["feature"]})
    if outcome in ("crash", "timeout"):
        return Judgement(Status(outcome), reply.get("reason", ""))
    if outcome == "error":
        error = reply["error"]
        return Judgement(Status.ERROR, f"raised {error['class']}: {error['message']}", details=error)
    if outcome == "failed":
        return Judgement(Status.FAIL, reply["reason"])
    if outcome != "done":
        return Judgement(Status.INCONCLUSIVE, f"the worker answered {outcome!r}")
    observations = reply["observations"]
    judgements = [_judge_one(e, observations) for e in expectations]
    return _worst(judgements)


def _worst(judgements: Sequence[Judgement]) -> Judgement:
    for status in (Status.FAIL, Status.PERMITTED):
        found = [j for j in judgements if j.status is status]
        if found:
            return found[0]
    graded = [j for j in judgements if j.grade]
    return max(graded, key=lambda j: GRADES.index(j.grade), default=Judgement(Status.PASS))


def _judge_one(expectation: Expectation, observations: Mapping[str, Any]) -> Judgement:
    observed = observations.get(expectation.read)
    if observed is None:
        return _fail(expectation, "nothing was observed: a statement before it did not run")
    return _JUDGES[expectation.kind](expectation, observed, observations)


def _fail(expectation: Expectation, reason: str, **details: Any) -> Judgement:
    return Judgement(Status.FAIL, f"{expectation.read}: {reason}", details={"read": expectation.read, **details})


def _judge_flag(e: Expectation, observed: Mapping[str, Any], _all: Mapping[str, Any]) -> Judgement:
    if "flag" not in observed:
        return _fail(e, f"expected {e.value!r}, got {_describe(observed)}")
    got = decode_literal(observed["flag"])
    if _same(e.value, got):
        return Judgement(Status.PASS)
    return _fail(e, f"expected {e.value!r}, got {got!r}")


def _same(want: Any, got: Any) -> bool:
    """Whether two literals are equal, of one type throughout: 1 is neither True nor 1.0, and NaN is NaN."""
    if type(got) is not type(want):
        return False
    if isinstance(want, tuple):
        return len(want) == len(got) and all(map(_same, want, got))
    return got == want or repr(got) == repr(want)  # NaN


def _judge_error(e: Expectation, observed: Mapping[str, Any], _all: Mapping[str, Any]) -> Judgement:
    wanted, words = e.value
    error = observed.get("error")
    if error is None:
        return _fail(e, f"expected {wanted}, and nothing was raised")
    if error["class"] != wanted:
        return _fail(e, f"expected {wanted}, got {error['class']}: {error['message']}")
    if words.lower() not in error["message"].lower():
        return _fail(e, f"the message of {wanted} lacks {words!r}: {error['message']}")
    return Judgement(Status.PASS)


def _judge_warning(e: Expectation, observed: Mapping[str, Any], _all: Mapping[str, Any]) -> Judgement:
    category, words = e.value
    for warning in observed.get("warnings", ()):
        if category in warning["classes"] and words.lower() in warning["message"].lower():
            return Judgement(Status.PASS)
    return _fail(e, f"expected a {category} with {words!r}, got {observed.get('warnings', [])!r}")


def _judge_text(e: Expectation, observed: Mapping[str, Any], _all: Mapping[str, Any]) -> Judgement:
    text = decode_literal(observed.get("flag"))
    if not isinstance(text, str):
        return _fail(e, f"expected a text, got {_describe(observed)}")
    if (e.value in text) == (e.kind == "contains"):
        return Judgement(Status.PASS)
    return _fail(e, f"{text!r} {'lacks' if e.kind == 'contains' else 'contains'} {e.value!r}")


def _judge_equal(e: Expectation, observed: Mapping[str, Any], observations: Mapping[str, Any]) -> Judgement:
    other = observations.get(e.value)
    if other is None or "array" not in other or "array" not in observed:
        return _fail(e, f"expected two tensors, got {_describe(observed)} and {_describe(other or {})}")
    return _judge_array(Expectation(e.read, "array", decode_array(other["array"]), e.tolerance), observed, observations)


def _judge_array(e: Expectation, observed: Mapping[str, Any], observations: Mapping[str, Any]) -> Judgement:
    if "array" not in observed:
        return _fail(e, f"expected a tensor, got {_describe(observed)}")
    got = decode_array(observed["array"])
    judgement = _compare(e, e.value, got)
    if judgement.status is Status.FAIL:
        for alternative in e.permitted:
            if _compare(e, alternative, got).status is Status.PASS:
                return Judgement(Status.PERMITTED, f"{e.read}: a documented alternative", details=judgement.details)
        if e.between and _is_subgradient(e, got, observations):
            return Judgement(Status.PERMITTED, f"{e.read}: in the subdifferential", details=judgement.details)
    return judgement


def _is_subgradient(e: Expectation, got: np.ndarray, observations: Mapping[str, Any]) -> bool:
    """Whether every element is between its bounds, or right where it has a derivative, and what is shared has its total."""
    low, high = e.between
    if got.shape != e.value.shape or got.dtype != e.value.dtype:
        return False
    nearest = np.where(low < high, np.fmin(np.fmax(got, low), high), e.value).astype(e.value.dtype)  # never NaN
    if _compare(e, nearest, got).status is Status.FAIL:
        return False
    if e.total is None:
        return True
    if not e.partner:
        return _comes_to(e, np.sum(got, axis=-1, dtype=np.float64))
    other = observations.get(e.partner, {})
    return "array" in other and _comes_to(e, got + decode_array(other["array"]).astype(np.float64))


def _comes_to(e: Expectation, total: np.ndarray) -> bool:
    """Whether elements that share something come to what it is, within the tolerances of all of them."""
    limit = 2 * e.tolerance if e.partner else np.sum(e.tolerance, axis=-1)
    want = e.total.astype(np.float64)
    return total.shape == want.shape and bool(np.all(np.abs(total - want) <= limit))


def _compare(e: Expectation, expected: np.ndarray, got: np.ndarray) -> Judgement:
    if got.dtype != expected.dtype:
        return _fail(e, f"expected dtype {expected.dtype.name}, got {got.dtype.name}")
    if got.shape != expected.shape:
        return _fail(e, f"expected shape {expected.shape}, got {got.shape}")
    if expected.dtype.kind in "biu":
        return _exact(e, expected, got)
    if expected.dtype.kind == "c":
        parts = _compare_finite(e, expected.real, got.real), _compare_finite(e, expected.imag, got.imag)
        return _worst(parts)
    return _compare_finite(e, expected, got)


def _exact(e: Expectation, expected: np.ndarray, got: np.ndarray) -> Judgement:
    wrong = np.argwhere(expected != got)
    if not len(wrong):
        return Judgement(Status.PASS, grade="exact")
    at = tuple(map(int, wrong[0]))
    return _fail(e, f"at {at}: expected {expected[at]}, got {got[at]}", index=list(at), wrong=len(wrong))


def _compare_finite(e: Expectation, expected: np.ndarray, got: np.ndarray) -> Judgement:
    """Classes exactly, then each finite element against its tolerance."""
    want = expected.astype(np.float64)
    have = got.astype(np.float64)
    limit = _limit(e, want)
    at = _first(_wrong_class(want, have, limit, _largest(expected.dtype)))
    if at is not None:
        return _fail(
            e, f"at {at}: expected {float(want[at])!r}, got {float(have[at])!r}", **_numbers(at, want, have, limit)
        )
    if e.signed_zero:
        at = _first((want == 0) & (have == 0) & (np.signbit(want) != np.signbit(have)))
        if at is not None:
            return _fail(
                e, f"at {at}: expected {float(want[at])!r}, got {float(have[at])!r}", **_numbers(at, want, have, limit)
            )
    finite = np.isfinite(want) & np.isfinite(have)
    with np.errstate(invalid="ignore", over="ignore"):
        error = np.where(finite, np.abs(have - want), 0.0)
    above = error > limit
    if not above.any():
        return _graded(e, error, want, have, expected.dtype)
    with np.errstate(over="ignore"):  # where nothing is allowed, any error is infinitely above it
        excess = np.where(above, error / np.maximum(limit, 5e-324), 0.0)
    at = np.unravel_index(int(np.argmax(excess)), above.shape)
    at = tuple(map(int, at))
    numbers = _numbers(at, want, have, limit) | {"ulp": float(_ulps(error, want, expected.dtype)[at])}
    if e.tolerance is not None and np.all(error[above] <= _inaccurate(want, expected.dtype)[above]):
        return Judgement(Status.PASS, f"{e.read}: above the tolerance at {at}", "inaccurate", numbers)
    return _fail(
        e,
        f"at {at}: expected {float(want[at])!r}, got {float(have[at])!r}, off by {error[at]:.3g} where {limit[at]:.3g} is allowed",
        **numbers,
        wrong=int(above.sum()),
    )


def _graded(e: Expectation, error: np.ndarray, want: np.ndarray, have: np.ndarray, dtype: np.dtype) -> Judgement:
    """Within the tolerance: how accurate, and inaccurate where the second bound is exceeded."""
    if e.second is not None:
        second = np.broadcast_to(e.second, want.shape)
        at = _first(error > second)
        if at is not None:
            numbers = _numbers(at, want, have, second)
            return Judgement(Status.PASS, f"{e.read}: above the second bound at {at}", "inaccurate", numbers)
    return Judgement(Status.PASS, grade=_grade(error, want, dtype))


def _limit(e: Expectation, want: np.ndarray) -> np.ndarray:
    """What each finite element may be off by: the frozen tolerance, else nothing."""
    if e.tolerance is None:
        if e.inexact:
            raise SuiteFault(f"{e.read} has no frozen tolerance; run `conformance corpus build`")
        return np.zeros(want.shape)
    if not np.all(np.isfinite(e.tolerance) & (e.tolerance >= 0)):
        raise SuiteFault(f"{e.read} has a tolerance that allows anything; run `conformance corpus build`")
    return np.broadcast_to(e.tolerance, want.shape)


def _inaccurate(want: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """What each element may be off by and still be no failure: 4 u of the largest, but not a number lost altogether."""
    size = np.where(np.isfinite(want), np.abs(want), 0.0)
    normwise = _STABLE * _UNIT_ROUNDOFF[dtype.name] * np.max(size, initial=0.0)
    return np.where(size > 0, np.minimum(normwise, _KEPT[dtype.name] * size), normwise)


def _wrong_class(want: np.ndarray, have: np.ndarray, limit: np.ndarray, largest: float) -> np.ndarray:
    """Where the class differs. A truth within its tolerance of overflow may come out as infinity, and the reverse."""
    same = (np.isnan(want) & np.isnan(have)) | (want == have) | (np.isfinite(want) & np.isfinite(have))
    with np.errstate(invalid="ignore", over="ignore"):
        near_overflow = ~np.isnan(want) & (np.minimum(np.abs(want), largest) + limit >= largest)
        other_side = np.isinf(have) | (np.abs(have) + limit >= largest)
    overflow = near_overflow & other_side & (np.signbit(want) == np.signbit(have)) & ~np.isnan(have) & (limit > 0)
    return ~(same | overflow)


def _first(wrong: np.ndarray) -> tuple[int, ...] | None:
    found = np.argwhere(wrong)
    return tuple(map(int, found[0])) if len(found) else None


def _numbers(at: tuple[int, ...], want: np.ndarray, have: np.ndarray, limit: np.ndarray) -> dict[str, Any]:
    return {"index": list(at), "expected": float(want[at]).hex(), "observed": float(have[at]).hex(),
            "tolerance": float(limit[at])}  # fmt: skip


def _largest(dtype: np.dtype) -> float:
    return {"float64": 1.7976931348623157e308, "float32": 3.4028234663852886e38, "float16": 65504.0}.get(
        dtype.name, 3.3895313892515355e38
    )


def _ulp(want: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """The unit in the last place of each truth, in its own dtype."""
    smallest = {"float64": 5e-324, "float32": 2.0**-149, "float16": 2.0**-24}.get(dtype.name, 2.0**-133)
    _, exponent = np.frexp(np.where(want == 0, smallest, np.where(np.isfinite(want), want, 1.0)))
    return np.maximum(np.ldexp(_UNIT_ROUNDOFF[dtype.name], exponent), smallest)


def _ulps(error: np.ndarray, want: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """The error in units in the last place of the truth."""
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        return error / _ulp(want, dtype)


def _grade(error: np.ndarray, want: np.ndarray, dtype: np.dtype) -> str:
    worst = np.max(_ulps(error, want, dtype), initial=0.0)
    if worst <= 16:
        return "exact" if worst == 0 else "2 ulp" if worst <= 2 else "16 ulp"
    size = np.where(np.isfinite(want), np.abs(want), 0.0)
    stable = np.max(error) <= _STABLE * _UNIT_ROUNDOFF[dtype.name] * np.max(size)
    return "backward stable" if stable else "order of magnitude"


def _describe(observed: Mapping[str, Any]) -> str:
    if "array" in observed:
        return f"a tensor of shape {tuple(observed['array']['shape'])}"
    return next((f"{kind} {content!r}" for kind, content in observed.items()), "nothing")


_JUDGES = {
    "array": _judge_array,
    "flag": _judge_flag,
    "error": _judge_error,
    "warning": _judge_warning,
    "equal": _judge_equal,
    "contains": _judge_text,
    "lacks": _judge_text,
}
