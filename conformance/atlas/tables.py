"""The curves, by chapter. Two-argument operators are asked along a line: the diagonal, or with the other argument fixed."""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import arb

from conformance.atlas.curves import (
    FAR,
    INF,
    Curve,
    Formula,
    asinh,
    bessel_i,
    constant,
    cosh,
    digamma,
    erfcx,
    erfinv,
    lgamma,
    line,
    logarithm,
    ndtr,
    pieces,
    scaled,
    sigmoid,
    sinh,
    softplus,
    tanh,
)

_POSITIVE = (0.0, INF)
_UNIT = (0.0, 1.0)
_INSIDE = (-1.0, 1.0)
_PI = 3.141592653589793
_WAVES = (_PI / 2, _PI, -_PI, 100 * _PI)
_DIGAMMA_ZERO = 1.4616321449683622
_SELU_SCALE, _SELU_ALPHA = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717


def _curve(
    name: str, formula: Formula, domain: tuple[float, float] = (-INF, INF), *near: float, **options: Any
) -> Curve:
    return Curve(name, options.pop("operator", name), formula, domain, near, **options)


def _f(name: str, formula: Formula, domain: tuple[float, float] = (-INF, INF), *near: float, **options: Any) -> Curve:
    return _curve(name, formula, domain, *near, operator=options.pop("operator", f"nn.functional.{name}"), **options)


def _special(name: str, formula: Formula, domain: tuple[float, float] = (-INF, INF), *near: float) -> Curve:
    return _curve(name, formula, domain, *near, operator=f"special.{name}")


def _root2(s: Any) -> Any:
    return s / arb(2).sqrt()


def _gelu(s: Any, _at: float) -> Any:
    return s * (-_root2(s)).erfc() / 2


def _gelu_tanh(s: Any, at: float) -> Any:
    inner = (s + s * s * s * (arb(44715) / 1000000)) * (2 / arb.pi()).sqrt()
    return s * sigmoid(2 * inner, at)


def _mish(s: Any, at: float) -> Any:
    """The product x tanh(log(1 + e^x)), in the exponential that cannot overflow."""
    if at < 0:
        e = s.exp()
        return s * (e * e + 2 * e) / (e * e + 2 * e + 2)
    e = (-s).exp()
    return s * (1 + 2 * e) / (1 + 2 * e + 2 * e * e)


def _elu(s: Any) -> Any:
    return s.exp() - 1


def _ndtri(s: Any, at: float) -> Any:
    return erfinv(2 * s - 1, 2 * at - 1) * arb(2).sqrt()


def _power_of_two(s: Any) -> Any:
    return (s * arb(2).log()).exp()


ARITHMETIC = [
    _curve("neg", lambda s, at: -s),
    _curve("abs", pieces(line(-1), 0.0, line(1))),
    _curve("square", lambda s, at: s * s),
    _curve("sqrt", lambda s, at: s.sqrt(), _POSITIVE),
    _curve("rsqrt", lambda s, at: s.rsqrt(), _POSITIVE),
    _curve("reciprocal", lambda s, at: 1 / s),
    _curve("frac", lambda s, at: s - int(at), (-FAR, FAR), 1.0, -1.0, 2.0),
    _curve("clamp", pieces(constant(-1.0), -1.0, line(1), 1.5, constant(1.5)), (-INF, INF), -1.0, 1.5, attributes={"min": -1.0, "max": 1.5}),
    _curve("pow(x, 2.5)", lambda s, at: s * s * s.sqrt(), _POSITIVE, operator="pow", apply=lambda p, x, n: p.op("pow", x, 2.5)),
    _curve("pow(x, -3)", lambda s, at: 1 / (s * s * s), operator="pow", apply=lambda p, x, n: p.op("pow", x, -3)),
    _curve("pow(x, x)", lambda s, at: (s * s.log()).exp(), (0.0, FAR), 1.0, operator="pow", apply=lambda p, x, n: p.op("pow", x, x)),
    _curve("hypot(x, 1)", lambda s, at: (s * s + 1).sqrt(), operator="hypot", apply=lambda p, x, n: p.op("hypot", x, p.constant(np.ones(n)))),
]  # fmt: skip

ELEMENTARY = [
    _curve("exp", lambda s, at: s.exp(), (-INF, FAR)),
    _curve("exp2", lambda s, at: _power_of_two(s), (-INF, FAR)),
    _curve("expm1", lambda s, at: _elu(s), (-INF, FAR)),
    _curve("log", lambda s, at: s.log(), _POSITIVE, 1.0),
    _curve("log2", logarithm(2), _POSITIVE, 1.0),
    _curve("log10", logarithm(10), _POSITIVE, 1.0),
    _curve("log1p", lambda s, at: (1 + s).log(), (-1.0, INF), -1.0),
    _curve("sin", lambda s, at: s.sin(), (-INF, INF), *_WAVES),
    _curve("cos", lambda s, at: s.cos(), (-INF, INF), *_WAVES),
    _curve("tan", lambda s, at: s.tan(), (-INF, INF), *_WAVES),
    _curve("sinc", lambda s, at: (s * arb.pi()).sin() / (s * arb.pi()), (-FAR, FAR), 1.0, 2.0),
    _curve("asin", lambda s, at: s.asin(), _INSIDE, -1.0, 1.0),
    _curve("acos", lambda s, at: s.acos(), _INSIDE, -1.0, 1.0),
    _curve("atan", lambda s, at: s.atan()),
    _curve("sinh", sinh, (-FAR, FAR)),
    _curve("cosh", cosh, (-FAR, FAR)),
    _curve("tanh", tanh),
    _curve("asinh", asinh),
    _curve("acosh", lambda s, at: (s + (s * s - 1).sqrt()).log(), (1.0, INF), 1.0),
    _curve("atanh", lambda s, at: ((1 + s) / (1 - s)).log() / 2, _INSIDE, -1.0, 1.0),
    _curve("sigmoid", sigmoid),
    _curve("logit", lambda s, at: (s / (1 - s)).log(), _UNIT, 0.5, 1.0),
    _curve("atan2(x, 1)", lambda s, at: s.atan(), operator="atan2", apply=lambda p, x, n: p.op("atan2", x, p.constant(np.ones(n)))),
    _curve("logaddexp(x, 0)", softplus, operator="logaddexp", apply=lambda p, x, n: p.op("logaddexp", x, p.constant(np.zeros(n)))),
    _curve("logaddexp2(x, 0)", lambda s, at: softplus(s * arb(2).log(), at) / arb(2).log(), operator="logaddexp2", apply=lambda p, x, n: p.op("logaddexp2", x, p.constant(np.zeros(n)))),
    _curve("xlogy(x, x)", lambda s, at: s * s.log(), _POSITIVE, 1.0, operator="xlogy", apply=lambda p, x, n: p.op("xlogy", x, x)),
]  # fmt: skip

SPECIAL = [
    _curve("erf", lambda s, at: s.erf()),
    _curve("erfc", lambda s, at: s.erfc()),
    _curve("erfinv", erfinv, _INSIDE, -1.0, 1.0),
    _curve("lgamma", lgamma, (-20.0, INF), 1.0, 2.0, -1.0, -2.457024738220797),
    _curve("digamma", digamma, (-20.0, INF), _DIGAMMA_ZERO, -0.504083008264455, -1.0),
    _curve("i0", bessel_i(0), (-FAR, FAR)),
    _special("i0e", scaled(bessel_i(0)), (-FAR, FAR)),
    _special("i1", bessel_i(1), (-FAR, FAR)),
    _special("i1e", scaled(bessel_i(1)), (-FAR, FAR)),
    _special("ndtr", ndtr),
    _special("log_ndtr", lambda s, at: ndtr(s, at).log(), (-FAR, INF)),
    _special("ndtri", _ndtri, _UNIT, 0.5, 1.0),
    _special("erfcx", erfcx, (-FAR, FAR)),
    _special("entr", lambda s, at: -s * s.log(), _POSITIVE, 1.0, 0.36787944117144233),
    _curve("deg2rad", lambda s, at: s * arb.pi() / 180),
    _curve("rad2deg", lambda s, at: s * 180 / arb.pi()),
]  # fmt: skip

ACTIVATIONS = [
    _f("relu", pieces(constant(0.0), 0.0, line(1))),
    _f("relu6", pieces(constant(0.0), 0.0, line(1), 6.0, constant(6.0)), (-INF, INF), 6.0),
    _f("hardtanh", pieces(constant(-1.0), -1.0, line(1), 1.0, constant(1.0)), (-INF, INF), -1.0, 1.0),
    _f("hardsigmoid", pieces(constant(0.0), -3.0, lambda s: (s + 3) / 6, 3.0, constant(1.0)), (-INF, INF), -3.0, 3.0),
    _f("hardswish", pieces(constant(0.0), -3.0, lambda s: s * (s + 3) / 6, 3.0, line(1)), (-INF, INF), -3.0, -1.5, 3.0),
    _f("leaky_relu", pieces(line(arb(0.01)), 0.0, line(1))),
    _f("elu", pieces(_elu, 0.0, line(1))),
    _f("celu", pieces(lambda s: (_elu(2 * s)) / 2, 0.0, line(1)), attributes={"alpha": 0.5}),
    _f("selu", pieces(lambda s: _elu(s) * arb(_SELU_SCALE) * arb(_SELU_ALPHA), 0.0, line(arb(_SELU_SCALE)))),
    _f("gelu", _gelu, (-INF, INF), -0.7517915246935645),
    _f("gelu, tanh", _gelu_tanh, (-INF, INF), -0.752461422268, operator="nn.functional.gelu", attributes={"approximate": "tanh"}),
    _f("silu", lambda s, at: s * sigmoid(s, at), (-INF, INF), -1.2784645427610738),
    _f("mish", _mish, (-INF, INF), -1.1924312145154912),
    _f("logsigmoid", lambda s, at: -softplus(-s, -at)),
    _f("softsign", lambda s, at: s / (1 + s) if at > 0 else s / (1 - s)),
    _f("tanhshrink", lambda s, at: s - tanh(s, at)),
    _f("softplus", pieces(lambda s: (1 + s.exp()).log(), 20.0, line(1)), (-INF, INF), 20.0),
    _f("softshrink", pieces(line(1, arb(0.5)), -0.5, constant(0.0), 0.5, line(1, -arb(0.5))), (-INF, INF), -0.5, 0.5),
    _f("hardshrink", pieces(line(1), -0.5, constant(0.0), 0.5, line(1)), (-INF, INF), -0.5, 0.5),
    _f("threshold", pieces(constant(0.25), 0.5, line(1)), (-INF, INF), 0.5, attributes={"threshold": 0.5, "value": 0.25}),
]  # fmt: skip

TABLE = (*ARITHMETIC, *ELEMENTARY, *SPECIAL, *ACTIVATIONS)
