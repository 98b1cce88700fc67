"""The battery is no rubber stamp: comparators that judge wrongly are each noticed by one of its pairs.

A mutant is the comparator's source with one thing changed.
"""

from __future__ import annotations

import inspect
import sys
from types import ModuleType

import pytest

from conformance import compare

from . import test_compare, test_compare_dtypes, test_compare_numbers

PAIRS = [*test_compare.PAIRS, *test_compare_numbers.PAIRS, *test_compare_dtypes.PAIRS]

MUTANTS = {
    "a missing observation passes": ("if observed is None:", "if observed is None:\n        return Judgement(Status.PASS)\n    if False:"),
    "only the first expectation is judged": ("for e in expectations]", "for e in expectations[:1]]"),
    "the best judgement counts": ("for status in (Status.FAIL, Status.PERMITTED):", "for status in (Status.PERMITTED,):"),
    "a permitted alternative hides a failure": ("(Status.FAIL, Status.PERMITTED)", "(Status.PERMITTED, Status.FAIL)"),
    "the best grade counts": ("return max(graded", "return min(graded"),
    "an error of the engine passes": ('return Judgement(Status.ERROR, f"raised', 'return Judgement(Status.PASS, f"raised'),
    "a crash is an error": ("Judgement(Status(outcome)", "Judgement(Status.ERROR"),
    "what is unsupported fails": ("Judgement(Status.UNSUPPORTED", "Judgement(Status.FAIL"),
    "a failed assertion passes": ('Judgement(Status.FAIL, reply["reason"])', 'Judgement(Status.PASS, reply["reason"])'),
    "flags of other types are equal": ("if type(got) is not type(want):", "if False:"),
    "the elements of flags are of any type": ("all(map(_same, want, got))", "want == got"),
    "flags that are longer are equal": ("len(want) == len(got) and", ""),
    "NaN is not NaN among flags": (" or repr(got) == repr(want)", ""),
    "no error at all passes": ("if error is None:", "if error is None:\n        return Judgement(Status.PASS)\n    if False:"),
    "any error passes": ('if error["class"] != wanted:', "if False:"),
    "errors by the beginning of their name": ('if error["class"] != wanted:', 'if not error["class"].startswith(wanted):'),
    "words of an error do not count": ('if words.lower() not in error["message"].lower():', "if False:"),
    "the case of an error's words counts": ('if words.lower() not in error["message"].lower():', 'if words not in error["message"]:'),
    "the category of a warning does not count": ('if category in warning["classes"] and', "if"),
    "only the exact class of a warning counts": ('category in warning["classes"]', 'category == warning["classes"][0]'),
    "the words of a warning do not count": ('and words.lower() in warning["message"].lower()', ""),
    "only the first warning counts": ('in observed.get("warnings", ())', 'in observed.get("warnings", ())[:1]'),
    "what is no text lacks everything": ("if not isinstance(text, str):", 'if not isinstance(text, str):\n        return Judgement(Status.PASS if e.kind == "lacks" else Status.FAIL)\n    if False:'),
    "lacks means contains": ('== (e.kind == "contains")', ""),
    "dtypes do not count": ("if got.dtype != expected.dtype:", "if False:"),
    "kinds of dtype count only": ("if got.dtype != expected.dtype:", "if got.dtype.kind != expected.dtype.kind:"),
    "shapes broadcast": ("if got.shape != expected.shape:", "if got.size != expected.size and got.size != 1:"),
    "shapes count by size": ("if got.shape != expected.shape:", "if got.size != expected.size:\n        return _fail(e, 'size')\n    got = got.reshape(expected.shape)\n    if False:"),
    "integers are compared as floats": ('in "biu"', 'in "b"'),
    "booleans and integers always pass": ("np.argwhere(expected != got)", "np.argwhere(expected != expected)"),
    "imaginary parts do not count": (", _compare_finite(e, expected.imag, got.imag)", ", Judgement(Status.PASS)"),
    "real parts do not count": ("_compare_finite(e, expected.real, got.real)", "Judgement(Status.PASS)"),
    "complex numbers by magnitude": ("_compare_finite(e, expected.real, got.real), _compare_finite(e, expected.imag, got.imag)", "_compare_finite(e, np.abs(expected), np.abs(got)), Judgement(Status.PASS)"),
    "classes do not count": ("return ~(same | overflow)", "return np.zeros(same.shape, bool)"),
    "NaN is never right": ("(np.isnan(want) & np.isnan(have)) |", ""),
    "NaN is always right": ("(np.isnan(want) & np.isnan(have)) |", "np.isnan(have) |"),
    "overflow is never allowed": ("return ~(same | overflow)", "return ~same"),
    "overflow is allowed to either side": ("& (np.signbit(want) == np.signbit(have)) &", "&"),
    "overflow is allowed anywhere": ("near_overflow & other_side", "other_side"),
    "a finite number may stand for infinity": ("near_overflow & other_side", "near_overflow"),
    "overflow is allowed without a tolerance": ("& (limit > 0)", ""),
    "the range is that of float64": ("_largest(expected.dtype)", "1.7976931348623157e308"),
    "the sign of zero never counts": ("if e.signed_zero:", "if False:"),
    "the sign of zero always counts": ("if e.signed_zero:", "if True:"),
    "the tolerance counts twice": ("above = error > limit", "above = error > 2 * limit"),
    "the tolerance is not included": ("above = error > limit", "above = error >= limit"),
    "nothing is above": ("above = error > limit", "above = error > np.inf"),
    "half a tolerance": ("above = error > limit", "above = error > limit / 2"),
    "by norm": ("above = error > limit", "above = np.full(error.shape, np.linalg.norm(error) > 1e-9 * np.linalg.norm(np.where(finite, want, 0.0)))"),
    "by mean": ("above = error > limit", "above = np.full(error.shape, np.mean(error) > np.mean(limit))"),
    "by magnitude": ("np.abs(have - want)", "np.abs(np.abs(have) - np.abs(want))"),
    "by the largest tolerance": ("return np.broadcast_to(e.tolerance, want.shape)", "return np.full(want.shape, np.max(e.tolerance, initial=0.0))"),
    "without a tolerance: 1e-8": ("return np.zeros(want.shape)", "return np.full(want.shape, 1e-8)"),
    "the worst by its error": ("np.argmax(excess)", "np.argmax(error)"),
    "only the first thousand elements": ("above = error > limit", "above = (error > limit) & (np.arange(error.size).reshape(error.shape) < 1000)"),
    "inaccurate up to 40 u": ("normwise = _STABLE *", "normwise = 40 *"),
    "inaccurate never": ("normwise = _STABLE *", "normwise = 0 *"),
    "inaccurate by any element": ("np.all(error[above] <=", "np.any(error[above] <="),
    "inaccurate beside infinities": ("size = np.where(np.isfinite(want), np.abs(want), 0.0)", "size = np.where(np.isfinite(want), np.abs(want), 1e308)"),
    "inaccurate however small": ("np.minimum(normwise, _KEPT[dtype.name] * size)", "normwise"),
    "inaccurate zeros are lost": ("np.where(size > 0, ", "np.where(size >= 0, "),
    "a millionth is kept": ('"float64": 2.0**-20', '"float64": 2.0**-19'),
    "a hundredth is kept in float32": ('"float32": 2.0**-10', '"float32": 2.0**-7'),
    "a quarter is kept in float16": ('"float16": 2.0**-5', '"float16": 2.0**-4'),
    "a quarter is kept in bfloat16": ('"bfloat16": 2.0**-4', '"bfloat16": 2.0**-3'),
    "inaccurate without a tolerance": ("e.tolerance is not None and np.all", "np.all"),
    "units of float64 for all": ('"float32": 2.0**-24', '"float32": 2.0**-53'),
    "units of float16 as float32": ('"float16": 2.0**-11', '"float16": 2.0**-24'),
    "units of bfloat16 as float16": ('"bfloat16": 2.0**-8', '"bfloat16": 2.0**-11'),
    "smallest numbers of float64 for all": ('"float32": 2.0**-149', '"float32": 5e-324'),
    "units of subnormal numbers without end": ("return np.maximum(np.ldexp(_UNIT_ROUNDOFF[dtype.name], exponent), smallest)", "return np.ldexp(_UNIT_ROUNDOFF[dtype.name], exponent)"),
    "units twice as large": ("np.ldexp(_UNIT_ROUNDOFF[dtype.name], exponent)", "np.ldexp(_UNIT_ROUNDOFF[dtype.name], exponent + 1)"),
    "2 ulp are 3": ("worst <= 2 else", "worst <= 3 else"),
    "16 ulp are 17": ("if worst <= 16:", "if worst <= 17:"),
    "all is backward stable": ('if stable else "order of magnitude"', ""),
    "nothing is backward stable": ('"backward stable" if stable else', ""),
    "the second bound does not count": ("if e.second is not None:", "if False:"),
    "the second bound fails": ('{at}", "inaccurate", numbers)\n    return', '{at}", "", numbers)\n    return'),
    "the second bound is of the first element": ("np.broadcast_to(e.second, want.shape)", "np.full(want.shape, np.ravel(e.second)[0])"),
    "alternatives pass": ('return Judgement(Status.PERMITTED, f"{e.read}: a doc', 'return Judgement(Status.PASS, f"{e.read}: a doc'),
    "alternatives are not looked at": ("for alternative in e.permitted:", "for alternative in ():"),
    "only the first alternative": ("for alternative in e.permitted:", "for alternative in e.permitted[:1]:"),
    "any answer is permitted where one is": ("if _compare(e, alternative, got).status is Status.PASS:", "if True:"),
    "no interval is looked at": ("if e.between and", "if False and"),
    "an interval passes": ('return Judgement(Status.PERMITTED, f"{e.read}: in the', 'return Judgement(Status.PASS, f"{e.read}: in the'),
    "any element may lie anywhere": ("np.where(low < high, np.fmin(np.fmax(got, low), high), e.value)", "got"),
    "elements beside the kink may differ": ("np.fmin(np.fmax(got, low), high), e.value)", "np.fmin(np.fmax(got, low), high), got)"),
    "no lower end": ("np.fmin(np.fmax(got, low), high)", "np.fmin(got, high)"),
    "no upper end": ("np.fmin(np.fmax(got, low), high)", "np.fmax(got, low)"),
    "NaN lies in every interval": ("np.fmin(np.fmax(got, low), high)", "np.minimum(np.maximum(got, low), high)"),
    "shares need not come to anything": ("if e.total is None:", "if True:"),
    "shares of all rows come to it together": ("np.sum(got, axis=-1, dtype=np.float64))", "np.full(e.total.shape, np.sum(got) / max(e.total.size, 1)))"),
    "a partner need not be there": ('return "array" in other and', 'return "array" not in other or'),
    "a partner counts for nothing": ('got + decode_array(other["array"]).astype(np.float64)', "got + 0 * got"),
    "shares are exact": ("limit = 2 * e.tolerance if e.partner else np.sum(e.tolerance, axis=-1)", "limit = 0.0"),
    "shares of any tolerance": ("limit = 2 * e.tolerance if e.partner else np.sum(e.tolerance, axis=-1)", "limit = np.inf"),
    "two tensors are always equal": ('decode_array(other["array"])', 'decode_array(observed["array"])'),
}  # fmt: skip
"""What would be wrong, and the change of the source that makes it so."""


def mutant(old: str, new: str) -> ModuleType:
    """The comparator with one piece of its source replaced wherever it stands."""
    source = inspect.getsource(compare)
    assert old in source, f"the comparator no longer has {old!r}; change it in a way that it has"
    module = ModuleType("mutant")
    sys.modules["mutant"] = module  # where dataclasses look for annotations
    try:
        exec(compile(source.replace(old, new), "mutant", "exec"), module.__dict__)  # noqa: S102 - our own source
    finally:
        del sys.modules["mutant"]
    return module


def notices(module: ModuleType, p: test_compare.Pair) -> bool:
    try:
        found = module.judge(p.expectations, p.reply)
    except Exception:  # noqa: BLE001 - a comparator that raises is noticed
        return True
    return f"{found.status} {found.grade}".strip() != p.judgement or p.because not in found.reason


@pytest.mark.parametrize("name", MUTANTS)
def test_a_wrong_comparator_is_noticed(name: str) -> None:
    module = mutant(*MUTANTS[name])
    assert any(notices(module, p) for p in PAIRS)


def test_the_battery_is_large_and_notices_nothing_in_the_comparator_itself() -> None:
    assert len(PAIRS) >= 200
    assert not [p.name for p in PAIRS if notices(compare, p)]
