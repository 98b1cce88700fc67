"""What pointwise functions of one argument give at infinities and NaN: their limits, typed from calculus.

Balls cannot say it. The finite elements of such a case have the truth that they have beside finite neighbours. Where a limit
exists it is expected; NaN in its place, an infinity times zero, is a convention that engines may have, and is permitted. Where
none exists IEEE 754 has NaN.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from conformance.codec import is_floating
from conformance.compare import Expectation
from conformance.oracles.reading import Reading
from conformance.oracles.reasons import NoTruth
from conformance.program import Program, Ref, Statement

if TYPE_CHECKING:
    from conformance.oracles.judged import Judged

INF, NAN = math.inf, math.nan
LIMITS: dict[str, tuple[float, float, float, float]] = {
    # value and slope at +inf, value and slope at -inf
    "neg": (-INF, -1, INF, -1), "abs": (INF, 1, INF, -1), "square": (INF, INF, INF, -INF), "sqrt": (INF, 0, NAN, NAN),
    "rsqrt": (0, 0, NAN, NAN), "reciprocal": (0, 0, 0, 0), "sign": (1, 0, -1, 0), "sgn": (1, 0, -1, 0), "clone": (INF, 1, -INF, 1),
    "clamp": (1.5, 0, -1, 0), "exp": (INF, INF, 0, 0), "exp2": (INF, INF, 0, 0), "expm1": (INF, INF, -1, 0),
    "log": (INF, 0, NAN, NAN), "log2": (INF, 0, NAN, NAN), "log10": (INF, 0, NAN, NAN), "log1p": (INF, 0, NAN, NAN),
    "sin": (NAN, NAN, NAN, NAN), "cos": (NAN, NAN, NAN, NAN), "tan": (NAN, NAN, NAN, NAN), "sinc": (0, 0, 0, 0),
    "atan": (math.pi / 2, 0, -math.pi / 2, 0), "sinh": (INF, INF, -INF, INF), "cosh": (INF, INF, INF, -INF),
    "tanh": (1, 0, -1, 0), "asinh": (INF, 0, -INF, 0), "acosh": (INF, 0, NAN, NAN), "sigmoid": (1, 0, 0, 0),
    "erf": (1, 0, -1, 0), "erfc": (0, 0, 2, 0), "lgamma": (INF, INF, INF, NAN), "digamma": (INF, 0, NAN, NAN),
    "i0": (INF, INF, INF, -INF), "special.i0e": (0, 0, 0, 0), "special.i1": (INF, INF, -INF, INF), "special.i1e": (0, 0, 0, 0),
    "special.ndtr": (1, 0, 0, 0), "special.log_ndtr": (0, 0, -INF, INF), "special.erfcx": (0, 0, INF, -INF),
    "special.entr": (-INF, -INF, NAN, NAN), "mvlgamma": (INF, INF, NAN, NAN), "polygamma": (0, 0, NAN, NAN),
    "deg2rad": (INF, math.pi / 180, -INF, math.pi / 180),
    "rad2deg": (INF, 180 / math.pi, -INF, 180 / math.pi), "conj": (INF, 1, -INF, 1), "real": (INF, 1, -INF, 1),
    "angle": (0, 0, math.pi, 0), "nn.functional.relu": (INF, 1, 0, 0), "nn.functional.relu6": (6, 0, 0, 0),
    "nn.functional.hardtanh": (1, 0, -1, 0), "nn.functional.hardsigmoid": (1, 0, 0, 0), "nn.functional.hardswish": (INF, 1, 0, 0),
    "nn.functional.leaky_relu": (INF, 1, -INF, 0.01), "nn.functional.elu": (INF, 1, -1, 0), "nn.functional.celu": (INF, 1, -1, 0),
    "nn.functional.selu": (INF, 1.0507009873554805, -1.7580993408473766, 0),
    "nn.functional.gelu": (INF, 1, 0, 0), "nn.functional.silu": (INF, 1, 0, 0), "nn.functional.mish": (INF, 1, 0, 0),
    "nn.functional.logsigmoid": (0, 0, -INF, 1), "nn.functional.softsign": (1, 0, -1, 0), "nn.functional.tanhshrink": (INF, 1, -INF, 1),
    "nn.functional.softplus": (INF, 1, 0, 0), "nn.functional.softshrink": (INF, 1, -INF, 1),
    "nn.functional.hardshrink": (INF, 1, -INF, 1), "nn.functional.threshold": (INF, 1, 0.25, 0),
}  # fmt: skip
"""By operator, with the attributes that its first call has. sign, clamp and the like take their values from these."""
NAN_IS = {"nan_to_num": 0.0, "sgn": 0.0, "sign": 0.0}
"""Operators that turn NaN into a number."""
IGNORES_NAN = frozenset({"fmax", "fmin"})
"""Operators that give the other argument beside NaN, which is no limit of theirs."""


LEAVES_NAN_OUT = frozenset({"nansum", "nanmean", "nanquantile"})
"""Operators whose results are those of the other elements, which balls compute."""
_MASKS = {"mask": 0, "input_mask": 0, "other_mask": 1}
"""Keywords that say which elements of an operand count."""


def is_special(program: Program) -> bool:
    """Whether a leaf holds a number that is not finite, and that no mask or operator leaves out."""
    if any(s.do == "op" and s.name in LEAVES_NAN_OUT for s in program.walk()):
        return False
    odd = {s.out[0]: _odd(s) for s in program.statements if s.do == "leaf" and _is_real(s.args[0].dtype)}
    odd = {name: where for name, where in odd.items() if where.any()}
    left_out = _left_out(program) if odd else {}
    return any((where & ~left_out.get(name, False)).any() for name, where in odd.items())


def _left_out(program: Program) -> dict[str, np.ndarray]:
    """The elements of leaves that the mask of an operator leaves out, so that whatever they are is no one's business."""
    reading = Reading(program)
    found = {}
    for s in (s for s in reading.function.walk() if s.do == "op"):
        for keyword, position in _MASKS.items():
            mask = s.kw.get(keyword)
            if isinstance(mask, Ref) and s.args[position].name in reading.leaves:
                name = s.args[position].name
                found[name] = np.broadcast_to(~reading.leaves[mask.name], reading.leaves[name].shape)
    return found


def _is_real(dtype: np.dtype) -> bool:
    return is_floating(dtype) and dtype.kind != "c"


def limits(program: Program, judge: Callable[[Program], Judged]) -> Judged:
    """What the program must show; `judge` knows it for the program with finite numbers instead of the others."""
    at, x = next((i, s) for i, s in enumerate(program.statements) if s.do == "leaf" and _odd(s).any())
    statement = next(s for s in program.statements if s.do == "op")
    finite = np.where(_odd(x), x.args[0][~_odd(x)][0], x.args[0])
    replaced = Program((*program.statements[:at], replace(x, args=(finite,)), *program.statements[at + 1 :]))
    found = judge(replaced)
    if len(found.expectations) != 1 or found.expectations[0].value.shape != finite.shape:
        raise NoTruth("limit")
    weights = _cotangent(program)
    return replace(found, rung="limits", expectations=(_at(statement.name, x.args[0], weights, found.expectations[0]),))


def _odd(leaf: Statement) -> np.ndarray:
    return ~np.isfinite(leaf.args[0])


def _cotangent(program: Program) -> np.ndarray | None:
    """The cotangent of the program's gradient, if it has one."""
    grad = next((s for s in program.statements if s.do == "grad"), None)
    leaves = {s.out[0]: s.args[0] for s in program.statements if s.do == "leaf"}
    return None if grad is None else leaves[grad.kw["grad_outputs"].name]


def _at(name: str, x: np.ndarray, weights: np.ndarray | None, known: Expectation) -> Expectation:
    """The expectation with limits where the input is no finite number."""
    value, tolerance = known.value.copy(), known.tolerance.copy()
    odd = ~np.isfinite(x)
    for i in map(tuple, np.argwhere(odd)):
        limit = _limit(name, float(x[i]), slope=weights is not None)
        value[i] = limit if weights is None else limit * weights[i]
        tolerance[i] = np.spacing(np.abs(value[i])) if np.isfinite(value[i]) else 0.0
    infinite = odd & np.isinf(x)
    unclear = (infinite, infinite & np.isfinite(value), infinite & ~np.isfinite(value))  # all, 0 · inf, inf - inf
    permitted = tuple(np.where(where, np.nan, value).astype(value.dtype) for where in unclear if where.any())
    return replace(known, value=value, tolerance=tolerance, permitted=permitted, second=None)


def _limit(name: str, x: float, *, slope: bool) -> float:
    if math.isnan(x):
        if name in IGNORES_NAN:
            raise NoTruth("limit")
        return NAN_IS.get(name, NAN)
    if name not in LIMITS:
        raise NoTruth("limit")
    return LIMITS[name][2 * (x < 0) + slope]
