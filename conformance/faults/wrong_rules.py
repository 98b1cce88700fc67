"""Derivatives that are wrong everywhere: mistakes of the kind that people make when they type a table of them."""

from __future__ import annotations

import math
from typing import Any

from conformance.faults.patching import replace_rule
from conformance.faults.registry import Fault, register
from refgrad.ops.arithmetic import abs, sign
from refgrad.ops.complex import complex
from refgrad.ops.cumulative import cumsum
from refgrad.ops.elementary import complement, cos, exp, log, sigmoid, sin, tanh
from refgrad.ops.shape import kept, roll
from refgrad.ops.special import erfc, i0, i1e
from refgrad.rules import conj, expand, where

FAMILY = "wrong everywhere"

# name: (statement, chapter, row, argument, the wrong rule); what must find it are the gradients of the operator named `row`
_RULES: dict[str, tuple[str, str, str, int, Any]] = {
    "tan-slope-of-tanh": (
        "tan has the slope 1 - y², which is tanh's.",
        "elementary",
        "tan",
        0,
        lambda y, _x: 1 - y * y,
    ),
    "tanh-slope-of-tan": (
        "tanh has the slope 1 + y², which is tan's.",
        "elementary",
        "tanh",
        0,
        lambda y, _x: 1 + y * y,
    ),
    "log10-slope-of-log": ("log10 has the slope 1/x, without ln 10.", "elementary", "log10", 0, lambda _y, x: 1 / x),
    "log2-slope-of-log10": (
        "log2 divides by ln 10 instead of ln 2.",
        "elementary",
        "log2",
        0,
        lambda _y, x: 1 / (x * math.log(10)),
    ),
    "exp2-slope-of-exp": ("exp2 has itself as its slope, without ln 2.", "elementary", "exp2", 0, lambda y, _x: y),
    "expm1-slope-is-itself": ("expm1 has itself as its slope, as exp has.", "elementary", "expm1", 0, lambda y, _x: y),
    "log1p-slope-of-log": ("log1p has the slope 1/x.", "elementary", "log1p", 0, lambda _y, x: 1 / x),
    "asin-slope-of-asinh": (
        "asin has the slope of asinh.",
        "elementary",
        "asin",
        0,
        lambda _y, x: 1 / (1 + x * x) ** 0.5,
    ),
    "acos-slope-of-asin": (
        "acos has the slope of asin.",
        "elementary",
        "acos",
        0,
        lambda _y, x: 1 / complement(x) ** 0.5,
    ),
    "atan-slope-of-atanh": ("atan has the slope of atanh.", "elementary", "atan", 0, lambda _y, x: 1 / complement(x)),
    "acosh-slope-of-asinh": (
        "acosh has the slope of asinh.",
        "elementary",
        "acosh",
        0,
        lambda _y, x: 1 / (1 + x * x) ** 0.5,
    ),
    "sinh-slope-of-sin": ("sinh has the slope cos.", "elementary", "sinh", 0, lambda _y, x: cos(x)),
    "cosh-slope-of-cos": ("cosh has the slope of cos, with its minus.", "elementary", "cosh", 0, lambda _y, x: -sin(x)),
    "sin-in-degrees": (
        "The slope of sin is taken for degrees.",
        "elementary",
        "sin",
        0,
        lambda _y, x: cos(x) * (math.pi / 180),
    ),
    "sigmoid-slope-of-input": (
        "sigmoid's slope mixes the result and the input, y (1 - x).",
        "elementary",
        "sigmoid",
        0,
        lambda y, x: y * (1 - x),
    ),
    "logaddexp-weights-swapped": (
        "logaddexp weighs its arguments the wrong way round.",
        "elementary",
        "logaddexp",
        0,
        lambda y, _a, b: exp(b - y),
    ),
    "sqrt-slope-inverted": (
        "sqrt has the slope y/2 instead of 1/(2y).",
        "arithmetic",
        "sqrt",
        0,
        lambda y, _x: 0.5 * y,
    ),
    "rsqrt-power-off-by-one": (
        "rsqrt has the slope -y²/2 instead of -y³/2.",
        "arithmetic",
        "rsqrt",
        0,
        lambda y, _x: -0.5 * y * y,
    ),
    "reciprocal-slope-unsquared": ("reciprocal has the slope -y.", "arithmetic", "reciprocal", 0, lambda y, _x: -y),
    "square-slope-undoubled": ("square has the slope x.", "arithmetic", "square", 0, lambda _y, x: x),
    "divisor-slope-without-numerator": (
        "The divisor's slope is -1/b², without the numerator.",
        "arithmetic",
        "div",
        1,
        lambda _y, _a, b: -1 / (b * b),
    ),
    "pow-slope-keeps-exponent": (
        "A power has the slope p·x^p: the exponent is not lowered.",
        "arithmetic",
        "pow",
        0,
        lambda y, _x, p: p * y,
    ),
    "pow-exponent-slope-without-log": (
        "The slope in the exponent is x^p, without ln x.",
        "arithmetic",
        "pow",
        1,
        lambda y, _x, _p: y,
    ),
    "hypot-slope-unnormalised": (
        "hypot has the slope a, not divided by the result.",
        "arithmetic",
        "hypot",
        0,
        lambda _y, a, _b: a,
    ),
    "remainder-divisor-constant": (
        "remainder's divisor gets no gradient.",
        "arithmetic",
        "remainder",
        1,
        lambda _y, _a, b: 0 * b,
    ),
    "fmod-divisor-unrounded": (
        "fmod's divisor has the slope -a/b, not rounded.",
        "arithmetic",
        "fmod",
        1,
        lambda _y, a, b: -a / b,
    ),
    "lerp-weight-slope-reversed": (
        "lerp's weight has the slope start - end.",
        "arithmetic",
        "lerp",
        2,
        lambda _y, a, b, _w: a - b,
    ),
    "copysign-ignores-sign": ("copysign has the slope of abs.", "arithmetic", "copysign", 0, lambda _y, x, _s: sign(x)),
    "erf-slope-unnormalised": (
        "erf has the slope exp(-x²), without 2/√π.",
        "special",
        "erf",
        0,
        lambda _y, x: exp(-x * x),
    ),
    "erfc-slope-of-erf": (
        "erfc has the slope of erf.",
        "special",
        "erfc",
        0,
        lambda _y, x: 2 / math.sqrt(math.pi) * exp(-x * x),
    ),
    "erfinv-slope-of-input": (
        "erfinv's slope is taken at the input, not the result.",
        "special",
        "erfinv",
        0,
        lambda _y, x: exp(x * x) * math.sqrt(math.pi) / 2,
    ),
    "ndtr-slope-too-narrow": (
        "ndtr has a normal density of half the variance as its slope.",
        "special",
        "ndtr",
        0,
        lambda _y, x: exp(-x * x) / math.sqrt(2 * math.pi),
    ),
    "lgamma-slope-by-stirling": (
        "lgamma has Stirling's ln x for its slope.",
        "special",
        "lgamma",
        0,
        lambda _y, x: log(abs(x)),
    ),
    "digamma-slope-asymptotic": ("digamma has the slope 1/x.", "special", "digamma", 0, lambda _y, x: 1 / x),
    "i1-slope-misses-a-term": ("i1 has the slope i0, without i1/x.", "special", "i1", 0, lambda _y, x: i0(x)),
    "i0e-slope-misses-a-term": (
        "i0e has the slope i1e, without the scaling's.",
        "special",
        "i0e",
        0,
        lambda _y, x: i1e(x),
    ),
    "xlogy-multiplies": (
        "xlogy has the slope x·y in its second argument.",
        "special",
        "xlogy",
        1,
        lambda _y, x, y: x * y,
    ),
    "entr-slope-misses-one": ("entr has the slope -ln x, without the 1.", "special", "entr", 0, lambda _y, x: -log(x)),
    "logit-slope-of-log": ("logit has the slope 1/x.", "special", "logit", 0, lambda _y, x, *, eps: 1 / x),
    "gelu-slope-misses-density": (
        "gelu has the slope Φ(x), without x φ(x).",
        "activation",
        "gelu",
        0,
        lambda _y, x, *, approximate: 0.5 * erfc(x * -math.sqrt(0.5)),
    ),
    "silu-slope-of-gate": (
        "silu has the slope of its gate only, σ(x).",
        "activation",
        "silu",
        0,
        lambda _y, x: sigmoid(x),
    ),
    "mish-slope-of-gate": (
        "mish has the slope tanh(softplus(x)) only.",
        "activation",
        "mish",
        0,
        lambda _y, x: tanh(log(1 + exp(x))),
    ),
    "elu-slope-ignores-alpha": (
        "elu's slope ignores alpha.",
        "activation",
        "elu",
        0,
        lambda _y, x, *, alpha, scale, input_scale: where(
            x > 0, scale, scale * exp(where(x < 0, x, 0.0) * input_scale)
        ),
    ),
    "leaky-slope-everywhere": (
        "leaky_relu has the negative slope on both sides.",
        "activation",
        "leaky_relu",
        0,
        lambda _y, x, *, negative_slope: 0 * x + negative_slope,
    ),
    "softplus-slope-ignores-beta": (
        "softplus has the slope σ(x), whatever beta is.",
        "activation",
        "softplus",
        0,
        lambda _y, x, *, beta, threshold: sigmoid(x),
    ),
    "softsign-slope-unsquared": (
        "softsign has the slope 1/(1 + |x|).",
        "activation",
        "softsign",
        0,
        lambda _y, x: 1 / (1 + abs(x)),
    ),
    "tanhshrink-slope-of-tanh": (
        "tanhshrink has the slope of tanh.",
        "activation",
        "tanhshrink",
        0,
        lambda _y, x: 1 - tanh(x) * tanh(x),
    ),
    "hardsigmoid-slope-doubled": (
        "hardsigmoid has the slope 1/3.",
        "activation",
        "hardsigmoid",
        0,
        lambda _y, x: where((x > -3) & (x < 3), 1 / 3, 0.0),
    ),
    "hardswish-slope-unshifted": (
        "hardswish has the slope x/3, without the half.",
        "activation",
        "hardswish",
        0,
        lambda _y, x: where(x <= -3, 0.0, where(x < 3, x / 3, 1.0)),
    ),
    "prelu-weight-everywhere": (
        "prelu's weight gets a gradient from positive elements too.",
        "activation",
        "prelu",
        1,
        lambda _y, x, _w: x,
    ),
    "log-sigmoid-slope-mirrored": (
        "logsigmoid has the slope σ(x) instead of σ(-x).",
        "activation",
        "log_sigmoid",
        0,
        lambda _y, x: sigmoid(x),
    ),
    "softmax-slope-diagonal": (
        "softmax passes y·g back, without what its rows share.",
        "normalisation",
        "softmax",
        0,
        lambda g, y, _x, *, dim: y * g,
    ),
    "log-softmax-slope-diagonal": (
        "log_softmax passes g - exp(y)·g back, element by element.",
        "normalisation",
        "log_softmax",
        0,
        lambda g, y, _x, *, dim: g - exp(y) * g,
    ),
    "logsumexp-unnormalised": (
        "logsumexp weighs by exp(x), not divided by the sum.",
        "normalisation",
        "logsumexp",
        0,
        lambda g, _y, x, *, dim, keepdim: kept(g, x, dim, keepdim) * conj(exp(x)),
    ),
    "cumsum-not-reversed": (
        "cumsum sums the cotangent forwards.",
        "cumulative",
        "cumsum",
        0,
        lambda g, *, dim: cumsum(g, dim=dim),
    ),
    "flip-not-undone": ("flip passes the cotangent on unflipped.", "shape", "flip", 0, lambda g, *, dims: g),
    "roll-further": (
        "roll rolls the cotangent on instead of back.",
        "shape",
        "roll",
        0,
        lambda g, *, shifts, dims: roll(g, shifts=shifts, dims=dims),
    ),
    "mean-counts-one-less": (
        "mean divides by the number of elements less one.",
        "reduction",
        "mean",
        0,
        lambda g, _x, *, dim, keepdim: expand(
            kept(g / max(_elements(_x, dim) - 1, 1), _x, dim, keepdim), shape=tuple(_x.shape)
        ),
    ),
    "real-part-halved": (
        "The real part passes half of its cotangent back.",
        "complex",
        "real",
        0,
        lambda g: 0.5 * _as_complex(g),
    ),
    "tril-passes-all-back": (
        "tril passes the cotangent of the other triangle back too.",
        "diagonal",
        "tril",
        0,
        lambda g, *, diagonal: g,
    ),
}


def _elements(x: Any, dim: Any) -> int:
    return math.prod(x.shape) if dim is None else math.prod(x.shape[d] for d in dim)


def _as_complex(g: Any) -> Any:
    return complex(g, 0 * g)


_SPELLED = {
    "ndtr": "special.ndtr",
    "i1": "special.i1",
    "i0e": "special.i0e",
    "entr": "special.entr",
    "log_sigmoid": "nn.functional.logsigmoid",
} | {
    name: f"nn.functional.{name}"
    for name in (
        "gelu",
        "silu",
        "mish",
        "elu",
        "leaky_relu",
        "softplus",
        "softsign",
        "tanhshrink",
        "hardsigmoid",
        "hardswish",
        "prelu",
    )
}


def _register(name: str, statement: str, chapter: str, row: str, argument: int, rule: Any) -> None:
    finds = (f"op/{_SPELLED.get(row, row)}/vjp/*",)
    register(Fault(name, statement, lambda _engine: replace_rule(chapter, row, argument, rule), finds, FAMILY))


for _name, _entry in _RULES.items():
    _register(_name, *_entry)
