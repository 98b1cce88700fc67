"""How balls compute at this moment: the precision, the widening of results, and the decisions that are recorded or replayed.

A ball is a midpoint with a proven radius (python-flint's `arb`). What is not here: arrays of balls (`ball_array`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import flint
import numpy as np
from flint import acb, arb
from ml_dtypes import bfloat16

from refgrad.errors import RefgradError, Undecided


class Tape:
    """Decisions of one run (results of comparisons, orders, roundings), to be taken again in another run of the same program.

    >>> tape = Tape()
    >>> tape.append("less", np.array(True))
    >>> tape.rewind().take("less", ())
    array(True)
    """

    def __init__(self) -> None:
        self.decisions: list[tuple[str, Any]] = []
        self.replaying = False
        self._position = 0

    def append(self, name: str, value: Any) -> None:
        self.decisions.append((name, value))

    def rewind(self) -> Tape:
        """The same tape, replaying from its beginning."""
        self.replaying, self._position = True, 0
        return self

    def take(self, name: str, shape: tuple[int, ...]) -> Any:
        """The next decision; it must be of this name and shape, since both runs execute one program."""
        if self._position == len(self.decisions):
            raise RefgradError(f"the tape ends before {name!r}; record and replay the same program")
        found, value = self.decisions[self._position]
        if found != name or np.shape(value) != shape:
            raise RefgradError(
                f"the tape holds {found!r} {np.shape(value)}, not {name!r} {shape}; record and replay the same program"
            )
        self._position += 1
        return value


class _State:
    """The arithmetic in force; one for the process, as flint's own precision is."""

    __slots__ = ("factor", "noise", "roundoff", "smallest", "tape")

    def __init__(self) -> None:
        self.factor: arb | None = None
        self.noise: Callable[[arb], arb] | None = None
        self.roundoff = 0.0
        self.smallest: arb | None = None
        self.tape: Tape | None = None


_state = _State()


@contextmanager
def arithmetic(
    bits: int,
    unit_roundoff: float | None = None,
    smallest_normal: float | None = None,
    tape: Tape | None = None,
) -> Iterator[None]:
    """A block in which balls compute with `bits` bits.

    With a unit roundoff u every function value f is widened by u·|f|, as if computed by a library that is right to half an
    ulp, and every non-zero result below the smallest normal number by that number. Decisions go to (or come from) the tape.
    """
    before = flint.ctx.prec, _state.factor, _state.roundoff, _state.smallest, _state.tape
    flint.ctx.prec = bits
    _state.factor = None if unit_roundoff is None else arb(1, unit_roundoff)
    _state.roundoff = unit_roundoff or 0.0
    _state.smallest = None if smallest_normal is None else arb(smallest_normal)
    _state.tape = tape
    try:
        yield
    finally:
        flint.ctx.prec, _state.factor, _state.roundoff, _state.smallest, _state.tape = before


@contextmanager
def noisy_arithmetic(
    bits: int, noise: Callable[[arb], arb], unit_roundoff: float, tape: Tape | None = None
) -> Iterator[None]:
    """A block in which every result, rounded to `bits` bits, is replaced by what `noise` makes of it: one of the numbers
    that floating point may compute instead of a ball around all of them.
    """
    before = _state.noise
    with arithmetic(bits, unit_roundoff, tape=tape):
        _state.noise = noise
        try:
            yield
        finally:
            _state.noise = before


def widens() -> bool:
    """Whether results stand for what floating point of some unit roundoff may compute."""
    return _state.factor is not None


def roundoff() -> float:
    """The unit roundoff of the floating point that results stand for; 0 where they stand for themselves."""
    return _state.roundoff


def widen(y: Any) -> Any:
    """The value of a function, with the error of a floating-point library added."""
    if isinstance(y, acb):
        return acb(widen(y.real), widen(y.imag))
    if y.is_zero() or not y.is_finite():
        return y
    return _underflow(y * _state.factor) if _state.noise is None else _state.noise(y)


def underflow(y: Any) -> Any:
    """The result of plain arithmetic, widened only where it may have underflowed; its rounding is in the precision."""
    if isinstance(y, acb):
        return acb(underflow(y.real), underflow(y.imag))
    if _state.noise is not None:
        return y if y.is_zero() or not y.is_finite() else _state.noise(y)
    return y if y.is_zero() else _underflow(y)


def _underflow(y: arb) -> arb:
    if _state.smallest is not None and y.abs_lower() < _state.smallest:
        return y + arb(0, _state.smallest)
    return y


def literal(x: Any, dtype: np.dtype) -> Any:
    """A Python number as a ball: exact, but of relative radius u where rounding it to the working dtype would change it.

    >>> literal(0.5, np.dtype("float32")).is_exact()
    True
    """
    if isinstance(x, complex):
        return acb(literal(x.real, dtype), literal(x.imag, dtype))
    ball = arb(int(x)) if isinstance(x, (bool, int, np.integer, np.bool_)) else arb(float(x))
    if widens() and ball.is_finite() and not _is_representable(x):
        return ball * _state.factor
    return ball


def _is_representable(x: Any) -> bool:
    if _state.roundoff <= 2.0**-53:
        return True
    with np.errstate(over="ignore"):
        return float(_FORMATS[_state.roundoff](x)) == x


_FORMATS = {2.0**-24: np.float32, 2.0**-11: np.float16, 2.0**-8: bfloat16}
"""The formats that Python numbers are rounded to, by their unit roundoff."""


def decide(name: str, shape: tuple[int, ...], compute: Callable[[], Any]) -> Any:
    """A decision: what `compute` finds, unless a tape is being replayed; `compute` raises `Undecided` where balls overlap."""
    tape = _state.tape
    if tape is None:
        return compute()
    if tape.replaying:
        return tape.take(name, shape)
    value = compute()
    tape.append(name, value)
    return value


def compare(name: str, yes: Callable[[Any, Any], bool], no: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """A comparison of two balls with three answers; comparisons with nan are false, as in IEEE arithmetic.

    One object stands for one number, however wide: compared with itself it is equal.
    """
    of_itself = name in ("equal", "less_equal", "greater_equal")

    def three_valued(a: Any, b: Any) -> bool:
        if a is b and not is_nan(a):
            return of_itself
        if yes(a, b):
            return True
        if no(a, b):
            return False
        if is_nan(a) or is_nan(b):
            return name == "not_equal"
        raise Undecided(name)

    return three_valued


def is_nan(x: Any) -> bool:
    """Whether nothing is known of the value."""
    return (is_nan(x.real) or is_nan(x.imag)) if isinstance(x, acb) else x.is_nan()
