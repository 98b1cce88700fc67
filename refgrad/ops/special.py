"""Special functions: the error function and its kin, gamma and its derivatives, Bessel functions, entropies.

Families are closed under differentiation (`polygamma`, `bessel_i`, `sinc_derivative`), so that every order is
right, at zero too.
"""

from __future__ import annotations

import math

from refgrad.backends import special as kernels
from refgrad.ops.arithmetic import sign
from refgrad.ops.elementary import cos, exp, log, log1p
from refgrad.rules import elementwise, where

TWO_OVER_SQRT_PI = 2 / math.sqrt(math.pi)
SQRT_2PI = math.sqrt(2 * math.pi)


def _floating(name, *rules, **options):
    return elementwise(name, *rules, promotes="float", **options)


# the error function and the normal distribution

erf = _floating("erf", lambda _y, x: TWO_OVER_SQRT_PI * exp(-x * x))
erfc = _floating("erfc", lambda _y, x: -TWO_OVER_SQRT_PI * exp(-x * x))
erfinv = _floating("erfinv", lambda y, _x: exp(y * y) / TWO_OVER_SQRT_PI)
erfcx = _floating("erfcx", lambda y, x: 2 * x * y - TWO_OVER_SQRT_PI, node="SpecialErfcxBackward0")
ndtr = _floating("ndtr", lambda _y, x: exp(-0.5 * x * x) / SQRT_2PI, node="SpecialNdtrBackward0")
ndtri = _floating("ndtri", lambda y, _x: SQRT_2PI * exp(0.5 * y * y), node="SpecialNdtriBackward0")
log_ndtr = _floating(
    "log_ndtr",
    lambda _y, x: 2 / (SQRT_2PI * erfcx(x * -math.sqrt(0.5))),  # exp(-x²/2) / ndtr(x) would be 0 / 0 in the left tail
    plain=(lambda _y, x: exp(-0.5 * x * x) / (SQRT_2PI * ndtr(x)),),
    node="SpecialLogNdtrBackward0",
)

# gamma

lgamma = _floating("lgamma", lambda _y, x: digamma(x))
digamma = _floating("digamma", lambda _y, x: polygamma(x, n=1))
polygamma = _floating(
    "polygamma",
    lambda _y, x, *, n: polygamma(x, n=n + 1),
    kernel=lambda xp, x, *, n: xp.digamma(x) if n == 0 else xp.polygamma(n, x),
)
gammainc = _floating("gammainc", None, lambda _y, a, x: exp((a - 1) * log(x) - x - lgamma(a)), node="IgammaBackward0")
gammaincc = _floating(
    "gammaincc", None, lambda _y, a, x: -exp((a - 1) * log(x) - x - lgamma(a)), node="IgammacBackward0"
)
zeta = _floating("zeta", None, lambda _y, s, q: -s * zeta(s + 1, q), node="SpecialZetaBackward0")

# Bessel functions

bessel_i = _floating(
    "bessel_i",
    lambda _y, x, *, n: 0.5 * (bessel_i(x, n=n - 1 if n else 1) + bessel_i(x, n=n + 1)),
    kernel=lambda xp, x, *, n: xp.iv(n, x),
)
i0 = _floating("i0", lambda _y, x: i1(x))
i1 = _floating(
    "i1",
    lambda _y, x: 0.5 * (i0(x) + bessel_i(x, n=2)),
    plain=(lambda y, x: where(x == 0, 0.5, i0(x) - y / where(x == 0, 1.0, x)),),
    node="SpecialI1Backward0",
)
i0e = _floating("i0e", lambda y, x: i1e(x) - sign(x) * y, node="SpecialI0EBackward0")
i1e = _floating(
    "i1e",
    lambda y, x: where(x == 0, 0.5, i0e(x) - sign(x) * y - y / where(x == 0, 1.0, x)),  # 1/x may be infinite
    node="SpecialI1EBackward0",
)

# the sinus cardinalis, sin(πx) over πx

sinc = _floating("sinc", lambda _y, x: sinc_derivative(x, n=1), plain=(lambda y, x: _sinc_slope(y, x),))
sinc_derivative = _floating(
    "sinc_derivative", lambda _y, x, *, n: sinc_derivative(x, n=n + 1), kernel=kernels.sinc_derivative
)


def _sinc_slope(y, x):
    return where(x == 0, 0.0, (cos(math.pi * x) - y) / where(x == 0, 1.0, x))


# products with logarithms

xlogy = _floating(  # zero where x is, also where the logarithm is infinite
    "xlogy",
    lambda _y, x, y: where((x == 0) & (y <= 0), 0.0, log(where((x == 0) & (y <= 0), 1.0, y))),
    lambda _y, x, y: where((x == 0) & (y == 0), 0.0, x / where((x == 0) & (y == 0), 1.0, y)),
)
xlog1py = _floating(
    "xlog1py",
    lambda _y, x, y: where((x == 0) & (y <= -1), 0.0, log1p(where((x == 0) & (y <= -1), 0.0, y))),
    lambda _y, x, y: where((x == 0) & (y == -1), 0.0, x / where((x == 0) & (y == -1), 1.0, y + 1)),
    node="SpecialXlog1PyBackward0",
)
entr = _floating("entr", lambda _y, x: -1 - log(x), node="SpecialEntrBackward0")
logit = _floating(
    "logit",
    lambda _y, x, *, eps: _logit_slope(x, eps),
    kernel=lambda xp, x, *, eps: xp.logit(x if eps is None else xp.clip(x, eps, 1 - eps)),
)


def _logit_slope(x, eps):
    low, outside = (0.0, math.nan) if eps is None else (eps, 0.0)
    beyond = (x < low) | (x > 1 - low)
    inside = where(beyond, 0.5, x)
    return where(beyond, outside, 1 / (inside * (1 - inside)))
