"""The comparator's battery: dtypes in each other's place, and what each of them can hold."""

from __future__ import annotations

import numpy as np
import pytest

from .test_compare import Pair, array, check, pair, tensor

NAN, INF = np.nan, np.inf
BIG = 2**53
U32, U16, UB16 = 2.0**-24, 2.0**-11, 2.0**-8
SMALL32, SMALL16, SMALLB16 = 2.0**-149, 2.0**-24, 2.0**-133
LARGE32, LARGE16, LARGEB16 = 3.4028234663852886e38, 65504.0, 3.3895313892515355e38
NAN_REAL, NAN_IMAG = complex(NAN, 0), complex(0, NAN)

PAIRS = [
    # right numbers, wrong dtype
    array("float32 for float64", [1.0], [1.0], "fail", "expected dtype float64, got float32", answer="float32"),
    array("float64 for float32", [1.0], [1.0], "fail", "expected dtype float32, got float64", dtype="float32", answer="float64"),
    array("float16 for bfloat16", [1.0], [1.0], "fail", dtype="bfloat16", answer="float16"),
    array("bfloat16 for float16", [1.0], [1.0], "fail", dtype="float16", answer="bfloat16"),
    array("float32 for bfloat16", [1.0], [1.0], "fail", dtype="bfloat16", answer="float32"),
    array("complex for real", [1.0], [1.0], "fail", answer="complex128"),
    array("real for complex", [1.0], [1.0], "fail", dtype="complex128", answer="float64"),
    array("complex64 for complex128", [1j], [1j], "fail", dtype="complex128", answer="complex64"),
    array("int64 for float64", [1.0], [1.0], "fail", answer="int64"),
    array("float64 for int64", [1], [1], "fail", dtype="int64", answer="float64"),
    array("int32 for int64", [1], [1], "fail", dtype="int64", answer="int32"),
    array("uint8 for int8", [1], [1], "fail", dtype="int8", answer="uint8"),
    array("bool for float64", [1.0, 0.0], [1.0, 0.0], "fail", answer="bool"),
    array("float64 for bool", [True], [True], "fail", dtype="bool", answer="float64"),
    array("int64 for bool", [True, False], [True, False], "fail", dtype="bool", answer="int64"),
    array("bool for int64", [1, 0], [1, 0], "fail", dtype="int64", answer="bool"),
    array("the wrong dtype of an empty tensor", np.zeros(0), np.zeros(0), "fail", answer="float32"),
    array("the wrong dtype of a scalar", 1.0, 1.0, "fail", answer="float32"),
    array("the wrong dtype, within any tolerance", [1.0], [1.0], "fail", answer="float32", tolerance=1.0),
    # booleans and integers
    array("booleans", [True, False], [True, False], "pass exact", dtype="bool"),
    array("one boolean wrong", [True, False], [True, True], "fail", "at (1,)", dtype="bool"),
    array("integers", [1, -2], [1, -2], "pass exact", dtype="int64"),
    array("one integer wrong", [1, -2], [1, -3], "fail", "expected -2, got -3", dtype="int64"),
    array("one integer wrong, within a tolerance", [1, -2], [1, -3], "fail", dtype="int64", tolerance=2.0),
    array("integers that float64 cannot tell apart", [BIG], [BIG + 1], "fail", dtype="int64"),
    array("the largest integer", [2**63 - 1], [2**63 - 1], "pass exact", dtype="int64"),
    array("the largest integer, overflown", [2**63 - 1], [-(2**63)], "fail", dtype="int64"),
    array("int8, overflown", [127], [-128], "fail", dtype="int8"),
    array("uint8, wrapped around", [0], [255], "fail", dtype="uint8"),
    array("one of 1e5 indices", np.arange(100_000), np.r_[np.arange(99_999), 0], "fail", "at (99999,)", dtype="int64"),
    array("no integers", np.zeros(0), np.zeros(0), "pass exact", dtype="int64"),
    # float32
    array("float32, exactly", [0.1], [0.1], "pass exact", dtype="float32"),
    array("float32, a neighbour", [1.0], [1 + 2 * U32], "pass 2 ulp", dtype="float32", tolerance=2 * U32),
    array("float32, a neighbour, exactly", [1.0], [1 + 2 * U32], "fail", dtype="float32"),
    array("float32, three units", [1.0], [1 + 6 * U32], "pass 16 ulp", dtype="float32", tolerance=1e-6),
    array("float32, seventeen units", [1.0], [1 + 34 * U32], "pass order of magnitude", dtype="float32", tolerance=1e-5),
    array("float32, a small element off by a relative 1e-3", [1.0, 64e4], [1.001, 64e4], "fail", dtype="float32", tolerance=1e-6),
    array("float32, a small element off by a relative 9e-4", [1.0, 64e4], [1.0009, 64e4], "pass inaccurate", dtype="float32", tolerance=1e-6),
    array("float16, a small element off by a thirtieth", [1.0, 6e4], [1.03, 6e4], "pass inaccurate", dtype="float16", tolerance=1e-3),
    array("float16, a small element off by a twentieth", [1.0, 6e4], [1.05, 6e4], "fail", dtype="float16", tolerance=1e-3),
    array("bfloat16, a small element off by a twentieth", [1.0, 6e4], [1.05, 6e4], "pass inaccurate", dtype="bfloat16", tolerance=1e-3),
    array("bfloat16, a small element off by a tenth", [1.0, 6e4], [1.1, 6e4], "fail", dtype="bfloat16", tolerance=1e-3),
    array("float32, 4 u of the largest", [1.0, 64.0], [1 + 1.5e-5, 64.0], "pass inaccurate", dtype="float32", tolerance=1e-6),
    array("float32, more than 4 u of the largest", [1.0, 64.0], [1 + 1.6e-5, 64.0], "fail", dtype="float32", tolerance=1e-6),
    array("float32, off by a relative 1e-3", [1.0, 2.0], [1.0, 2.002], "fail", dtype="float32", tolerance=1e-6),
    array("float32, overflown", [1.0], [1e39], "fail", dtype="float32", tolerance=1.0),
    array("float32, overflown at its end", [LARGE32], [INF], "pass exact", dtype="float32", tolerance=3e31),
    array("float32, overflown before its end", [LARGE32 / 2], [INF], "fail", dtype="float32", tolerance=3e31),
    array("float32, not overflown at its end", [INF], [LARGE32], "pass exact", dtype="float32", tolerance=3e31),
    array("float32, flushed to zero", [1e-40], [0.0], "fail", dtype="float32", tolerance=SMALL32),
    array("float32, the smallest number", [SMALL32], [0.0], "pass 2 ulp", dtype="float32", tolerance=SMALL32),
    array("float32, NaN", [1.0], [NAN], "fail", dtype="float32", tolerance=1.0),
    array("float32, the sign of zero", [0.0], [-0.0], "fail", dtype="float32", signed_zero=True),
    # float16 and bfloat16
    array("float16, exactly", [0.1], [0.1], "pass exact", dtype="float16"),
    array("float16, a neighbour", [1.0], [1 + 2 * U16], "pass 2 ulp", dtype="float16", tolerance=2 * U16),
    array("float16, a neighbour, exactly", [1.0], [1 + 2 * U16], "fail", dtype="float16"),
    array("float16, three units", [1.0], [1 + 6 * U16], "pass 16 ulp", dtype="float16", tolerance=0.01),
    array("float16, 4 u of the largest", [1.0, 4.0], [1 + 8 * U16, 4.0], "pass inaccurate", dtype="float16", tolerance=U16),
    array("float16, beyond 4 u of the largest", [1.0, 4.0], [1 + 18 * U16, 4.0], "fail", dtype="float16", tolerance=U16),
    array("float16, overflown", [1.0], [1e6], "fail", dtype="float16", tolerance=1.0),
    array("float16, overflown at its end", [LARGE16], [INF], "pass exact", dtype="float16", tolerance=32.0),
    array("float16, overflown before its end", [LARGE16 / 2], [INF], "fail", dtype="float16", tolerance=32.0),
    array("float16, subnormal", [SMALL16], [2 * SMALL16], "fail", dtype="float16"),
    array("float16, the smallest number", [SMALL16], [0.0], "pass 2 ulp", dtype="float16", tolerance=SMALL16),
    array("float16, NaN", [NAN], [NAN], "pass exact", dtype="float16"),
    array("bfloat16, exactly", [0.1], [0.1], "pass exact", dtype="bfloat16"),
    array("bfloat16, a neighbour", [1.0], [1 + 2 * UB16], "pass 2 ulp", dtype="bfloat16", tolerance=2 * UB16),
    array("bfloat16, a neighbour, exactly", [1.0], [1 + 2 * UB16], "fail", dtype="bfloat16"),
    array("bfloat16, three units", [1.0], [1 + 6 * UB16], "pass 16 ulp", dtype="bfloat16", tolerance=0.1),
    array("bfloat16, overflown at its end", [LARGEB16], [INF], "pass exact", dtype="bfloat16", tolerance=2e36),
    array("bfloat16, overflown before its end", [LARGEB16 / 2], [INF], "fail", dtype="bfloat16", tolerance=2e36),
    array("bfloat16, the smallest number", [SMALLB16], [0.0], "pass 2 ulp", dtype="bfloat16", tolerance=SMALLB16),
    array("bfloat16, NaN for a number", [1.0], [NAN], "fail", dtype="bfloat16", tolerance=1.0),
    array("bfloat16, the sign of zero", [-0.0], [0.0], "fail", dtype="bfloat16", signed_zero=True),
    # complex numbers: part by part
    array("complex", [1 + 2j], [1 + 2j], "pass exact", dtype="complex128"),
    array("the conjugate", [1 + 2j], [1 - 2j], "fail", "expected 2.0, got -2.0", dtype="complex128", tolerance=1e-15),
    array("times i", [1 + 2j], [-2 + 1j], "fail", dtype="complex128", tolerance=1e-15),
    array("right in magnitude", [3 + 4j], [5 + 0j], "fail", dtype="complex128", tolerance=1e-15),
    array("without its imaginary part", [1 + 2j], [1 + 0j], "fail", dtype="complex128", tolerance=1e-15),
    array("the real part nearly right", [1 + 2j], [1 + 2 * 2.0**-53 + 2j], "pass 2 ulp", dtype="complex128", tolerance=3e-16),
    array("the imaginary part less so", [1 + 1j], [1 + (1 + 2.0**-50) * 1j], "pass 16 ulp", dtype="complex128", tolerance=1e-14),
    array("a wrong imaginary part of 1e5", np.full(100_000, 1j), np.r_[np.full(99_999, 1j), 1.000001j], "fail", "at (99999,)", dtype="complex128", tolerance=1e-15),
    array("NaN in the real part", [0 + 0j], [NAN_REAL], "fail", dtype="complex128", tolerance=1e-15),
    array("NaN in the imaginary part", [0 + 0j], [NAN_IMAG], "fail", dtype="complex128", tolerance=1e-15),
    array("NaN in the other part", [NAN_REAL], [NAN_IMAG], "fail", dtype="complex128"),
    array("NaN in the same part", [NAN_IMAG], [NAN_IMAG], "pass exact", dtype="complex128"),
    array("infinity in the other part", [complex(INF, 0)], [complex(0, INF)], "fail", dtype="complex128"),
    array("the sign of an imaginary zero", [complex(1, 0)], [complex(1, -0.0)], "pass exact", dtype="complex128"),
    array("the sign of an imaginary zero, where it counts", [complex(1, 0)], [complex(1, -0.0)], "fail", dtype="complex128", signed_zero=True),
    array("complex64, a neighbour", [1 + 1j], [1 + (1 + 2 * U32) * 1j], "pass 2 ulp", dtype="complex64", tolerance=2 * U32),
    array("complex64, a neighbour, exactly", [1 + 1j], [1 + (1 + 2 * U32) * 1j], "fail", dtype="complex64"),
    array("an alternative of complex numbers", [0j], [1j], "permitted", dtype="complex128", permitted=([1j],)),
    array("half of an alternative", [0j], [1 + 1j], "fail", dtype="complex128", permitted=([1j], [1 + 0j])),
    # a program's own dtype is that of the expectation, not of the engine
    pair("a default dtype", "array", np.array([0.1], np.float64), tensor(np.float32([0.1]), "float64"), "fail", "off by 1.49e-09", tolerance=np.array([1e-16])),
]  # fmt: skip


@pytest.mark.parametrize("p", PAIRS, ids=lambda p: p.name)
def test_dtypes(p: Pair) -> None:
    check(p)
