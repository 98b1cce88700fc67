"""Special functions of balls."""

from __future__ import annotations

from typing import Any

from flint import acb, arb

from refgrad.backends.ball.array import BallArray, elementwise
from refgrad.backends.ball.elementary import formula, method

erf, erfc, erfinv = map(method, ("erf", "erfc", "erfinv"))
digamma = psi = method("digamma")
gamma = method("gamma")
lgamma = gammaln = formula(lambda x: abs(x.gamma()).log() if x < 0 else x.lgamma())
erfcx = formula(lambda x: (x * x).exp() * x.erfc())
ndtr = formula(lambda x: (-x / arb(2).sqrt()).erfc() / 2)
log_ndtr = formula(lambda x: ((-x / arb(2).sqrt()).erfc() / 2).log())
ndtri = formula(lambda p: -arb(2).sqrt() * (2 * p).erfcinv())  # of small p, 2 p - 1 would keep nothing
i0 = formula(lambda x: _bessel_i(x, 0))
i1 = formula(lambda x: _bessel_i(x, 1))
i0e = formula(lambda x: _bessel_i(x, 0) * (-abs(x)).exp())
i1e = formula(lambda x: _bessel_i(x, 1) * (-abs(x)).exp())
j0 = formula(lambda x: x.bessel_j(arb(0)))
j1 = formula(lambda x: x.bessel_j(arb(1)))
xlogy = formula(lambda x, y: arb(0) if x.is_zero() else x * y.log())
xlog1py = formula(lambda x, y: arb(0) if x.is_zero() else x * y.log1p())
entr = formula(lambda x: arb(0) if x.is_zero() else -x * x.log())
gammainc = formula(lambda a, x: x.gamma_lower(a, 1))
gammaincc = formula(lambda a, x: x.gamma_upper(a, 1))
zeta = formula(lambda x, q: x.zeta(q))


def iv(order: int, x: Any) -> BallArray:
    """The modified Bessel function of the first kind."""
    return elementwise(lambda v: _bessel_i(v, order), x)


def polygamma(n: Any, x: Any) -> BallArray:
    """The n-th derivative of digamma."""
    return elementwise(lambda v: _real(acb(v).polygamma(acb(int(n)))), x)


def multigammaln(x: Any, p: int) -> BallArray:
    """The logarithm of the multivariate gamma function."""

    def value(v: arb) -> arb:
        total = arb.pi().log() * p * (p - 1) / 4
        for j in range(p):
            total = total + (v - arb(j) / 2).lgamma()
        return total

    return elementwise(value, x)


def _bessel_i(x: arb, order: int) -> arb:
    return x.bessel_i(arb(order))


def _real(x: Any) -> Any:
    """Where flint has a function for complex balls only."""
    return x.real if isinstance(x, acb) else x
