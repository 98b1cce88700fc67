"""The comparator's battery: numbers that are finite or not, zeros with a sign, tolerances, and answers that are permitted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from conformance.compare import Expectation, judge

from .test_compare import NONE, Pair, array, check, done, tensor

NAN, INF = np.nan, np.inf
LARGEST, SMALLEST, NORMAL = 1.7976931348623157e308, 5e-324, 2.0**-1022
U = 2.0**-53
UP, DOWN = np.nextafter(1.0, 2.0), np.nextafter(1.0, 0.0)


def but(x: np.ndarray, at: int, value: float) -> np.ndarray:
    """The array with one element replaced."""
    found = x.copy()
    found[at] = value
    return found


MANY = np.linspace(1.0, 2.0, 100_000)
ALLOWED = np.full(MANY.shape, 5e-16)
STEEP = np.logspace(-8, 8, 100_000)
_KINK = Expectation("r1", "array", np.zeros(1), permitted=(np.ones(1),))
_EXACT = Expectation("r2", "array", np.ones(1))
_HALF = {"tolerance": np.zeros(1), "between": (np.zeros(1), np.full(1, 4.0)), "total": np.full(1, 4.0)}
_SHARED = (
    Expectation("r1", "array", np.full(1, 2.0), partner="r2", **_HALF),
    Expectation("r2", "array", np.full(1, 2.0), partner="r1", **_HALF),
)
_LOOSE = tuple(replace(e, tolerance=np.full(1, 4 * U)) for e in _SHARED)

PAIRS = [
    # NaN and infinities
    array("NaN for a number", [1.0, 2.0], [1.0, NAN], "fail", "at (1,): expected 2.0, got nan"),
    array("NaN for a number, with a tolerance", [1.0], [NAN], "fail", tolerance=1.0),
    array("NaN for zero", [0.0], [NAN], "fail"),
    array("NaN everywhere", [1.0, 2.0], [NAN, NAN], "fail"),
    array("a number for NaN", [NAN], [1.0], "fail", "expected nan, got 1.0"),
    array("zero for NaN", [NAN], [0.0], "fail", tolerance=1e-15),
    array("NaN for NaN", [NAN, 1.0], [NAN, 1.0], "pass exact"),
    array("NaN for NaN of the other sign", [NAN], [-NAN], "pass exact"),
    array("NaN in another place", [NAN, 1.0], [1.0, NAN], "fail", "at (0,)"),
    array("NaN for infinity", [INF], [NAN], "fail", tolerance=1e300),
    array("infinity for NaN", [NAN], [INF], "fail", tolerance=1e300),
    array("infinity for infinity", [INF, -INF], [INF, -INF], "pass exact"),
    array("infinity of the other sign", [INF], [-INF], "fail", "expected inf, got -inf"),
    array("infinity of the other sign, with a tolerance", [-INF], [INF], "fail", tolerance=2e292),
    array("infinity for a number", [1.0], [INF], "fail", tolerance=1.0),
    array("minus infinity for a number", [1.0], [-INF], "fail"),
    array("infinity for zero", [0.0], [INF], "fail", tolerance=1e-15),
    array("a number for infinity", [INF], [1.0], "fail", tolerance=2e292),
    array("a large number for infinity", [INF], [1e308], "fail", tolerance=2e292),
    array("the largest number for infinity, exactly", [INF], [LARGEST], "fail"),
    array("the largest number for infinity, with a tolerance", [INF], [LARGEST], "pass exact", tolerance=2e292),
    array("minus the largest number for infinity", [INF], [-LARGEST], "fail", tolerance=2e292),
    array("the largest number but one for infinity", [INF], [np.nextafter(LARGEST, 0)], "pass exact", tolerance=4e292),
    array("infinity for the largest number, with a tolerance", [LARGEST], [INF], "pass exact", tolerance=2e292),
    array("infinity for the largest number, exactly", [LARGEST], [INF], "fail"),
    array("minus infinity for the largest number", [LARGEST], [-INF], "fail", tolerance=2e292),
    array("infinity for a number far below the largest", [1e307], [INF], "fail", tolerance=1e292),
    array("the largest number", [LARGEST], [LARGEST], "pass exact"),
    array("the largest number with the other sign", [LARGEST], [-LARGEST], "fail", tolerance=2e292),
    array("an infinity beside a wrong number", [INF, 1.0], [INF, 1.5], "fail", "at (1,)", tolerance=1e-15),
    array("an infinity beside a number that is nearly right", [INF, 1.0], [INF, UP], "pass 2 ulp", tolerance=3e-16),
    # the sign of zero
    array("-0.0 for 0.0", [0.0], [-0.0], "pass exact"),
    array("0.0 for -0.0", [-0.0], [0.0], "pass exact"),
    array("-0.0 for 0.0, where the sign counts", [0.0], [-0.0], "fail", "expected 0.0, got -0.0", signed_zero=True),
    array("0.0 for -0.0, where the sign counts", [-0.0], [0.0], "fail", "expected -0.0, got 0.0", signed_zero=True),
    array("-0.0 for -0.0, where the sign counts", [-0.0, 1.0], [-0.0, 1.0], "pass exact", signed_zero=True),
    array("one -0.0 among zeros, where the sign counts", [0.0] * 5, [0.0] * 4 + [-0.0], "fail", "at (4,)", signed_zero=True),
    array("the sign counts within a tolerance too", [0.0], [-0.0], "fail", signed_zero=True, tolerance=1e-15),
    array("the sign of a zero for what is no zero", [SMALLEST], [-0.0], "pass 2 ulp", signed_zero=True, tolerance=SMALLEST),
    # subnormal numbers
    array("the smallest number for zero, exactly", [0.0], [SMALLEST], "fail"),
    array("zero for the smallest number, exactly", [SMALLEST], [0.0], "fail", "off by 4.94e-324"),
    array("zero for the smallest number, within it", [SMALLEST], [0.0], "pass 2 ulp", tolerance=SMALLEST),
    array("twice the smallest number", [SMALLEST], [2 * SMALLEST], "fail"),
    array("a subnormal number flushed to zero", [1e-310], [0.0], "fail", tolerance=SMALLEST),
    array("a subnormal number flushed, within the smallest normal one", [1e-310], [0.0], "pass order of magnitude", tolerance=NORMAL),
    array("a normal number flushed to zero", [2 * NORMAL], [0.0], "fail", tolerance=NORMAL),
    array("a subnormal number of the other sign", [1e-310], [-1e-310], "fail", tolerance=SMALLEST),
    array("a subnormal neighbour", [1e-310], [np.nextafter(1e-310, 1)], "pass 2 ulp", tolerance=2 * SMALLEST),
    # without a tolerance: exact
    array("the same numbers", [1.0, -2.5, 1e300], [1.0, -2.5, 1e300], "pass exact"),
    array("a neighbour, exactly", [1.0], [UP], "fail", "where 0 is allowed"),
    array("a neighbour below, exactly", [1.0], [DOWN], "fail"),
    array("the other sign", [1.0], [-1.0], "fail", "off by 2"),
    array("all halved", [1.0, 2.0], [0.5, 1.0], "fail"),
    array("zero for a number", [1.0], [0.0], "fail"),
    array("a number for zero", [0.0], [1.0], "fail"),
    array("opposite ends of the range", [LARGEST], [-LARGEST], "fail", "off by inf"),
    # with a tolerance: to the last bit of it
    array("exactly as far as allowed", [1.0], [1.0 + 4 * 2 * U], "pass 16 ulp", tolerance=8 * U),
    array("as far below as allowed", [1.0], [1.0 - 8 * U], "pass 16 ulp", tolerance=8 * U),
    array("the next number after what is allowed", [1.0, 1e-3], [1.0, 1e-3 + 2e-15], "fail", tolerance=np.array([1e-3, 1.9e-15])),
    array("the tolerance of the neighbour", [1.0, 1.0], [1.0, 1.1], "fail", "at (1,)", tolerance=np.array([0.2, 0.01])),
    array("each within its own", [1.0, 1.0], [1.1, 1.001], "pass order of magnitude", tolerance=np.array([0.2, 0.01])),
    array("a tolerance of zero", [1.0, 1.0], [1.0, UP], "pass inaccurate", "above the tolerance", tolerance=0.0),
    array("the worst of several", [1.0, 1.0], [1.1, 1.2], "fail", "at (1,)", tolerance=0.01),
    array("the worst by its own tolerance", [1.0, 1.0], [1.1, 1.2], "fail", "at (0,)", tolerance=np.array([0.001, 0.19])),
    # grades
    array("no error", [3.0], [3.0], "pass exact", tolerance=1.0),
    array("one unit in the last place", [1.0], [UP], "pass 2 ulp", tolerance=1.0),
    array("two units", [1.0], [1.0 + 4 * U], "pass 2 ulp", tolerance=1.0),
    array("three units", [1.0], [1.0 + 6 * U], "pass 16 ulp", tolerance=1.0),
    array("sixteen units", [1.0], [1.0 + 32 * U], "pass 16 ulp", tolerance=1.0),
    array("seventeen units", [1.0], [1.0 + 34 * U], "pass order of magnitude", tolerance=1.0),
    array("two units below a power of two", [DOWN], [DOWN - 2 * U], "pass 2 ulp", tolerance=1.0),
    array("three units below a power of two", [DOWN], [DOWN - 3 * U], "pass 16 ulp", tolerance=1.0),
    array("three units below 2 ** 1000", [np.nextafter(2.0**1000, 0)], [2.0**1000 * (1 - 4 * U)], "pass 16 ulp", tolerance=2.0**960),
    array("seventeen units of a small entry", [1.0, 1e3], [1.0 + 34 * U, 1e3], "pass backward stable", tolerance=1.0),
    array("seventeen units of each entry", [1.0, 1e3], [1.0 + 34 * U, 1e3 * (1 + 34 * U)], "pass order of magnitude", tolerance=1.0),
    array("the worst grade of several", [1.0, 1.0], [UP, 1.0 + 34 * U], "pass order of magnitude", tolerance=1.0),
    array("a grade beside an infinity", [INF, 1.0], [INF, 1.0 + 6 * U], "pass 16 ulp", tolerance=1e-15),
    # inaccurate: above the tolerance, within 4 u of the largest entry
    array("just within 4 u of the largest", [1.0, 1.0], [1.0 + 4 * U, 1.0], "pass inaccurate", tolerance=2 * U),
    array("just beyond 4 u of the largest", [1.0, 1.0], [1.0 + 6 * U, 1.0], "fail", tolerance=2 * U),
    array("a small entry within 4 u of a large one", [1.0, 1e6], [1.0 + 4e-11, 1e6], "pass inaccurate", tolerance=np.array([1e-15, 1e-9])),
    array("a small entry beyond 4 u of a large one", [1.0, 1e6], [1.0 + 5e-10, 1e6], "fail", tolerance=np.array([1e-15, 1e-9])),
    array("no 4 u without a tolerance", [1.0, 1e6], [UP, 1e6], "fail"),
    array("4 u of an infinity are not allowed", [1.0, INF], [1.5, INF], "fail", tolerance=1e-15),
    array("a little more than 4 u beside an infinity", [1.0, INF], [1.0 + 6 * U, INF], "fail", tolerance=2 * U),
    array("a zero entry within 4 u of the largest", [0.0, 1.0], [4 * U, 1.0], "pass inaccurate", tolerance=np.array([0.0, 1e-15])),
    array("one inaccurate, one wrong", [1.0, 1e-3, 1.0], [1.0 + 4 * U, 2e-3, 1.0], "fail", "at (1,)", tolerance=U),
    # a second bound, where the tolerance is wide
    array("within the second bound", [1.0], [UP], "pass 2 ulp", tolerance=1e-3, second=np.array([1e-9])),
    array("above the second bound alone", [1.0], [1.0 + 1e-8], "pass inaccurate", "above the second bound", tolerance=1e-3, second=np.array([1e-9])),
    array("above both bounds", [1.0], [1.01], "fail", tolerance=1e-3, second=np.array([1e-9])),
    array("above the second bound of its own element", [1.0, 1.0], [UP, 1.0 + 1e-8], "pass inaccurate", "at (1,)", tolerance=1e-3, second=np.array([1e-6, 1e-9])),
    array("NaN beside a second bound", [1.0], [NAN], "fail", tolerance=1e-3, second=np.array([1e-9])),
    # many elements: by element, never by norm
    array("one of 1e5 off by little more than allowed", MANY, but(MANY, 77_777, MANY[77_777] + 1.1e-15), "fail", "at (77777,)", tolerance=ALLOWED),
    array("one of 1e5 off by a relative 1e-6", MANY, but(MANY, 5, MANY[5] * (1 + 1e-6)), "fail", "at (5,)", tolerance=ALLOWED),
    array("the last of 1e5", MANY, but(MANY, 99_999, 2.0 + 4e-15), "fail", "at (99999,)", tolerance=ALLOWED),
    array("all of 1e5 as far as allowed", MANY, MANY + 3e-16, "pass 2 ulp", tolerance=ALLOWED),
    array("one NaN among 1e5", MANY, but(MANY, 1, NAN), "fail", "got nan", tolerance=ALLOWED),
    array("one zero among 1e5", MANY, but(MANY, 50_000, 0.0), "fail", tolerance=ALLOWED),
    array("two of 1e5 exchanged", STEEP, but(but(STEEP, 60_000, STEEP[60_001]), 60_001, STEEP[60_000]), "fail", tolerance=1e-15 * STEEP),
    array("right by norm, a small element doubled", STEEP, but(STEEP, 0, 2e-8), "fail", tolerance=1e-15 * STEEP),
    array("right by norm, a small element zero", STEEP, but(STEEP, 0, 0.0), "fail", tolerance=1e-15 * STEEP),
    array("right by norm, a small element off by a relative 1e-6", STEEP, but(STEEP, 9, STEEP[9] * (1 + 1e-6)), "fail", tolerance=1e-15 * STEEP),
    array("right by norm, a small element off by a relative 1e-7", STEEP, but(STEEP, 9, STEEP[9] * (1 + 1e-7)), "pass inaccurate", tolerance=1e-15 * STEEP),
    array("right by norm, a small element of another sign", STEEP, but(STEEP, 40_000, -STEEP[40_000]), "fail", tolerance=1e-15 * STEEP),
    array("right by mean", [1.0, 3.0], [2.0, 2.0], "fail", tolerance=1e-15),
    array("right by sum of squares", [3.0, 4.0], [4.0, 3.0], "fail", tolerance=1e-15),
    array("right in magnitude", [3.0, -4.0], [3.0, 4.0], "fail", tolerance=1e-15),
    array("a relative 1e-6 in one of two", [1.0, 2.0], [1.0, 2.0 * (1 + 1e-6)], "fail", tolerance=1e-15),
    # subdifferentials
    array("the documented member", [0.0, 1.0], [0.0, 1.0], "pass exact", tolerance=0.0, between=([-1.0, 1.0], [1.0, 1.0])),
    array("an end of the interval", [0.0, 1.0], [1.0, 1.0], "permitted", "in the subdifferential", tolerance=0.0, between=([-1.0, 1.0], [1.0, 1.0])),
    array("the other end", [0.0, 1.0], [-1.0, 1.0], "permitted", tolerance=0.0, between=([-1.0, 1.0], [1.0, 1.0])),
    array("something within", [0.0, 1.0], [0.3, 1.0], "permitted", tolerance=0.0, between=([-1.0, 1.0], [1.0, 1.0])),
    array("each element as it likes", [0.0, 0.0], [1.0, -0.5], "permitted", tolerance=0.0, between=([-1.0, -1.0], [1.0, 1.0])),
    array("beyond the interval", [0.0, 1.0], [1.5, 1.0], "fail", "at (0,)", tolerance=0.0, between=([-1.0, 1.0], [1.0, 1.0])),
    array("below the interval", [0.0, 1.0], [-1.5, 1.0], "fail", tolerance=0.0, between=([-1.0, 1.0], [1.0, 1.0])),
    array("within beside the kink", [0.0, 1.0], [0.5, 1.5], "fail", tolerance=0.0, between=([-1.0, 1.0], [1.0, 1.0])),
    array("an end, missed by the tolerance", [0.0], [1.0 + 4 * U], "permitted", tolerance=4 * U, between=([-1.0], [1.0])),
    array("an end, missed by more", [0.0], [1.0 + 12 * U], "fail", tolerance=4 * U, between=([-1.0], [1.0])),
    array("NaN is in no interval", [0.0], [NAN], "fail", tolerance=0.0, between=([-1.0], [1.0])),
    array("infinity is in no interval", [0.0], [INF], "fail", tolerance=0.0, between=([-1.0], [1.0])),
    array("an interval in another dtype", [0.0], [1.0], "fail", "dtype", answer="float32", tolerance=0.0, between=([-1.0], [1.0])),
    array("an interval in another shape", [0.0], [[1.0]], "fail", "shape", tolerance=0.0, between=([-1.0], [1.0])),
    array("all of the cotangent to one of a tie", [1.0, 1.0, 0.0], [2.0, 0.0, 0.0], "permitted", tolerance=0.0, between=([0.0, 0.0, 0.0], [2.0, 2.0, 0.0]), total=2.0),
    array("uneven shares", [[1.0, 1.0]], [[0.5, 1.5]], "permitted", tolerance=0.0, between=([[0.0, 0.0]], [[2.0, 2.0]]), total=[2.0]),
    array("the whole cotangent to each of a tie", [1.0, 1.0, 0.0], [2.0, 2.0, 0.0], "fail", tolerance=0.0, between=([0.0, 0.0, 0.0], [2.0, 2.0, 0.0]), total=2.0),
    array("nothing to any of a tie", [1.0, 1.0], [0.0, 0.0], "fail", tolerance=0.0, between=([0.0, 0.0], [2.0, 2.0]), total=2.0),
    array("shares of one row in another", [[1.0, 1.0], [1.0, 1.0]], [[2.0, 2.0], [0.0, 0.0]], "fail", tolerance=0.0, between=(np.zeros((2, 2)), np.full((2, 2), 2.0)), total=[2.0, 2.0]),
    array("shares that come to it within the tolerances", [1.0, 1.0], [0.5, 1.5 + 8 * U], "permitted", tolerance=4 * U, between=([0.0, 0.0], [2.0, 2.0]), total=2.0),
    array("shares that do not", [1.0, 1.0], [0.5, 1.5 + 16 * U], "fail", tolerance=4 * U, between=([0.0, 0.0], [2.0, 2.0]), total=2.0),
    array("shares of three within the tolerances of three", [1.0, 1.0, 1.0], [1.0, 1.0, 1.0 + 12 * U], "permitted", tolerance=4 * U, between=(np.zeros(3), np.full(3, 3.0)), total=3.0),
    array("shares of one row within the tolerances of all", [[1.0, 1.0], [1.0, 1.0]], [[0.5, 1.5 + 12 * U], [1.0, 1.0]], "fail", tolerance=4 * U, between=(np.zeros((2, 2)), np.full((2, 2), 2.0)), total=[2.0, 2.0]),
    array("a small share in float32 beside a large one", [1.0, 1.0], [2.0, 2.0**-30], "fail", dtype="float32", tolerance=2.0**-33, between=([0.0, 0.0], [2.0, 2.0]), total=2.0),
    Pair("shares of two within the tolerances of both", _LOOSE, done(r1=tensor([1.0]), r2=tensor([3.0 + 8 * U])), "permitted"),
    Pair("shares of two that are not", _LOOSE, done(r1=tensor([1.0]), r2=tensor([3.0 - 12 * U])), "fail"),
    Pair("all to the first, the second not seen", _SHARED, done(r1=tensor([4.0])), "fail", "r1"),
    Pair("all to the first argument", _SHARED, done(r1=tensor([4.0]), r2=tensor([0.0])), "permitted", "in the subdifferential"),
    Pair("all to the second argument", _SHARED, done(r1=tensor([0.0]), r2=tensor([4.0])), "permitted", "r1"),
    Pair("all to both", _SHARED, done(r1=tensor([4.0]), r2=tensor([4.0])), "fail", "r1"),
    Pair("nothing to either", _SHARED, done(r1=tensor([0.0]), r2=tensor([0.0])), "fail", "r1"),
    Pair("all to the first, None to the second", _SHARED, done(r1=tensor([4.0]), r2=NONE), "fail", "r1"),
    Pair("all to the first, the second of another shape", _SHARED, done(r1=tensor([4.0]), r2=tensor([0.0, 0.0])), "fail", "r1"),
    # permitted alternatives
    array("the documented value at a kink", [0.0, 1.0], [0.0, 1.0], "pass exact", tolerance=0.0, permitted=([-1.0, 1.0],)),
    array("another member of the subdifferential", [0.0, 1.0], [-1.0, 1.0], "permitted", tolerance=0.0, permitted=([-1.0, 1.0], [1.0, 1.0])),
    array("the last of the alternatives", [0.0, 1.0], [0.5, 1.0], "permitted", "a documented alternative", tolerance=0.0, permitted=([1.0, 1.0], [0.5, 1.0])),
    array("no member of the subdifferential", [0.0, 1.0], [2.0, 1.0], "fail", tolerance=0.0, permitted=([-1.0, 1.0], [1.0, 1.0])),
    array("an alternative at the kink, wrong beside it", [0.0, 1.0], [-1.0, 1.5], "fail", "at (0,)", tolerance=0.0, permitted=([-1.0, 1.0],)),
    array("an alternative within the tolerance", [0.0, 1.0], [-1.0 + 4 * U, 1.0], "permitted", tolerance=4 * U, permitted=([-1.0, 1.0],)),
    array("an alternative outside the tolerance", [0.0, 1.0], [-1.0 + 12 * U, 1.0], "fail", tolerance=4 * U, permitted=([-1.0, 1.0],)),
    Pair("an alternative in one answer, a wrong other one", (_KINK, _EXACT), done(r1=tensor([1.0]), r2=tensor([2.0])), "fail", "r2"),
    Pair("an alternative in one answer, the other right", (_KINK, _EXACT), done(r1=tensor([1.0]), r2=tensor([1.0])), "permitted", "r1"),
    array("NaN is no alternative", [0.0], [NAN], "fail", tolerance=0.0, permitted=([1.0],)),
    array("NaN as an alternative", [0.0], [NAN], "permitted", tolerance=0.0, permitted=([NAN],)),
    array("infinity as an alternative", [0.0], [INF], "permitted", tolerance=0.0, permitted=([INF],)),
    array("infinity of the other sign is no alternative", [0.0], [-INF], "fail", tolerance=0.0, permitted=([INF],)),
    array("an alternative of another dtype", [0.0], [1.0], "fail", "dtype", answer="float32", permitted=([1.0],)),
    array("an alternative of another shape", [0.0], [[1.0]], "fail", "shape", permitted=([1.0],)),
]  # fmt: skip


@pytest.mark.parametrize("p", PAIRS, ids=lambda p: p.name)
def test_numbers(p: Pair) -> None:
    check(p)


@pytest.mark.parametrize(
    "options", [{"permitted": ([0.5],)}, {"between": ([-1.0], [1.0])}], ids=["permitted", "between"]
)
def test_what_is_permitted_says_by_how_much_it_is_another(options):
    p = array("another member", [0.0], [0.5], "permitted", tolerance=0.0, **options)
    details = judge(p.expectations, p.reply).details
    assert (details["index"], details["observed"]) == ([0], (0.5).hex())


def test_numbers_of_a_failure_are_exact() -> None:
    p = next(p for p in PAIRS if p.name == "one of 1e5 off by a relative 1e-6")
    details = judge(p.expectations, p.reply).details
    assert details["index"] == [5]
    assert float.fromhex(details["expected"]) == MANY[5]
    assert float.fromhex(details["observed"]) == MANY[5] * (1 + 1e-6)
    assert details["wrong"] == 1
    assert 4.4e9 < details["ulp"] < 4.6e9
