"""Special functions, with the signatures of `torch` and `torch.special`."""

from __future__ import annotations

import math
from typing import Any

from refgrad.api.forms import binary, operand, unary
from refgrad.api.naming import recorded_as
from refgrad.ops import special as ops
from refgrad.rules import where
from refgrad.tensor import Tensor

erf, erfc, erfinv, erfcx = unary(ops.erf), unary(ops.erfc), unary(ops.erfinv), unary(ops.erfcx)
ndtr, ndtri, log_ndtr = unary(ops.ndtr), unary(ops.ndtri), unary(ops.log_ndtr)
lgamma, digamma = unary(ops.lgamma), unary(ops.digamma)
gammaln, psi = lgamma, digamma
i0, i0e, i1, i1e = unary(ops.i0), unary(ops.i0e), unary(ops.i1), unary(ops.i1e)
sinc, entr = unary(ops.sinc), unary(ops.entr)
xlogy, xlog1py = binary(ops.xlogy), binary(ops.xlog1py)
igamma, igammac, zeta = binary(ops.gammainc, "igamma"), binary(ops.gammaincc, "igammac"), binary(ops.zeta)
gammainc, gammaincc = igamma, igammac


def logit(input: Tensor, eps: float | None = None) -> Tensor:
    """``log(input / (1 - input))``, of `input` kept between `eps` and ``1 - eps`` if given."""
    return ops.logit(input, eps=eps)


def polygamma(n: int, input: Any) -> Tensor:
    """The n-th derivative of digamma."""
    if isinstance(n, Tensor):
        n, input = input, n  # the method has them the other way round
    if n < 0:
        raise RuntimeError("polygamma(n, x) does not support negative n.")
    return ops.polygamma(input, n=n)


@recorded_as("MvlgammaBackward0")
def mvlgamma(input: Tensor, p: int) -> Tensor:
    """The logarithm of the multivariate gamma function of dimension `p`."""
    if p < 1:
        raise RuntimeError(f"p has to be greater than or equal to 1, not {p}")
    total = ops.lgamma(input)
    for j in range(1, p):
        total = total + ops.lgamma(input - j / 2)
    return total + p * (p - 1) / 4 * math.log(math.pi)


multigammaln = mvlgamma


def heaviside(input: Tensor, values: Tensor) -> Tensor:
    """0 where negative, 1 where positive, `values` at zero."""
    return where(input == 0, values, where(operand(input) > 0, 1.0, 0.0).to(input.dtype))
