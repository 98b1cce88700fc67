"""The functions of one real variable that the atlas measures: what an engine is asked, and the same in power series of balls.

A formula takes the series x + t and gives the series of the function, from which value and derivatives are read: no rule
of differentiation but those of `arb_series` is involved. It may decide by `at`, the exact number x.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any

from flint import arb, arb_series

INF = float("inf")
FAR = 2.0**20
"""Beyond it, exponentials do nothing but overflow."""
ORDER = 3  # coefficients: value, slope, half the curvature

Series = Any
Formula = Callable[[Series, float], Series]
Apply = Callable[[Any, Any, int], Any]


@dataclass(frozen=True)
class Curve:
    """One function: its name in the atlas, the operator asked, its formula, its domain, and where it has something to get wrong."""

    name: str
    operator: str
    formula: Formula
    domain: tuple[float, float] = (-INF, INF)
    near: tuple[float, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    apply: Apply | None = None

    def ask(self, p: Any, x: Any, size: int) -> Any:
        """Records the operator on a leaf of that many numbers."""
        return self.apply(p, x, size) if self.apply else p.op(self.operator, x, **self.attributes)


@cache
def curves() -> Mapping[str, Curve]:
    """Every curve by name, in the order of the tables."""
    from conformance.atlas.tables import TABLE

    return MappingProxyType({c.name: c for c in TABLE})


def variable(x: float) -> Series:
    """The series x + t."""
    return arb_series([arb(x), 1], prec=ORDER)


def chained(s: Series, value: arb, slope: arb, curvature: arb) -> Series:
    """The series of a function of s whose value and derivatives are known: Taylor's formula, composed."""
    outer = arb_series([value, slope, curvature / 2], prec=ORDER)
    return outer(arb_series([0, s[1], s[2]], prec=ORDER))


# what arb_series lacks


def sinh(s: Series, at: float) -> Series:
    x = s[0]
    return chained(s, x.sinh(), x.cosh(), x.sinh())


def cosh(s: Series, at: float) -> Series:
    x = s[0]
    return chained(s, x.cosh(), x.sinh(), x.cosh())


def tanh(s: Series, at: float) -> Series:
    if at < 0:
        return -tanh(-s, -at)
    e = (-2 * s).exp()
    return (1 - e) / (1 + e)


def asinh(s: Series, at: float) -> Series:
    return -asinh(-s, -at) if at < 0 else (s + (s * s + 1).sqrt()).log()


def sigmoid(s: Series, at: float) -> Series:
    return 1 / (1 + (-s).exp()) if at >= 0 else s.exp() / (1 + s.exp())


def softplus(s: Series, at: float) -> Series:
    return (1 + s.exp()).log() if at < 0 else s + (1 + (-s).exp()).log()


def ndtr(s: Series, at: float) -> Series:
    return (-s / arb(2).sqrt()).erfc() / 2


def erfcx(s: Series, at: float) -> Series:
    return (s * s).exp() * s.erfc()


def erfinv(s: Series, at: float) -> Series:
    y = s[0].erfinv()
    slope = (y * y).exp() * arb.pi().sqrt() / 2
    return chained(s, y, slope, 2 * y * slope * slope)


def lgamma(s: Series, at: float) -> Series:
    if at > 0:
        return s.lgamma()
    gamma = s.gamma()
    return (gamma if gamma[0] > 0 else -gamma).log()


def digamma(s: Series, at: float) -> Series:
    """The slope of lgamma, by a series that is one term longer; by reflection on the left."""
    if at < 0:
        return digamma(1 - s, 1 - at) - arb.pi() * (s * arb.pi()).cos() / (s * arb.pi()).sin()
    longer = arb_series([s[0], 1], prec=ORDER + 1).lgamma()
    value, slope, curvature = longer[1], 2 * longer[2], 6 * longer[3]
    return chained(s, value, slope, curvature)


def bessel_i(order: int) -> Formula:
    """I of an order, with I' = (I₋ + I₊) / 2 by its neighbours."""

    def formula(s: Series, at: float) -> Series:
        below2, below, here, above, above2 = (s[0].bessel_i(arb(abs(order + k))) for k in (-2, -1, 0, 1, 2))
        return chained(s, here, (below + above) / 2, (below2 + 2 * here + above2) / 4)

    return formula


def scaled(formula: Formula) -> Formula:
    """exp(-|x|) f(x)."""
    return lambda s, at: (-s if at > 0 else s).exp() * formula(s, at)


def pieces(*bounds_and_formulas: Any) -> Formula:
    """A function in pieces: formula, bound, formula, bound, …, formula; bounds ascend."""

    def formula(s: Series, at: float) -> Series:
        for piece, bound in zip(bounds_and_formulas[::2], bounds_and_formulas[1::2], strict=False):
            if at < bound:
                return piece(s)
        return bounds_and_formulas[-1](s)

    return formula


def constant(value: float) -> Callable[[Series], Series]:
    """A piece of constant height."""
    return lambda s: arb_series([arb(value), 0, 0], prec=ORDER)


def line(slope: Any, shift: Any = 0) -> Callable[[Series], Series]:
    """A straight piece."""
    return lambda s: s * slope + shift


def logarithm(base: int) -> Formula:
    return lambda s, at: s.log() / arb(base).log()
