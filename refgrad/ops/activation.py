"""Activations: what `torch.nn.functional` applies element by element. At a kink each rule gives the value PyTorch
documents.

Not here: softmax and its kin (`normalisation`), since they mix elements.
"""

from __future__ import annotations

from refgrad.ops.arithmetic import abs, square
from refgrad.ops.comparison import logical_and, logical_not, logical_or
from refgrad.ops.elementary import exp, logaddexp, sigmoid, tanh
from refgrad.ops.special import erf, erfc
from refgrad.rules import elementwise, where

SQRT_HALF = 0.7071067811865476
INV_SQRT_2PI = 0.3989422804014327
SQRT_2_OVER_PI = 0.7978845608028654
SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946

relu = elementwise(
    "relu",
    lambda y, _x: logical_not(y <= 0),  # not `y > 0`: a nan passes the cotangent on, as in PyTorch
    kernel=lambda xp, x: xp.where(x <= 0, 0, x),
)
threshold = elementwise(
    "threshold",
    lambda _y, x, *, threshold: logical_not(x <= threshold),
    kernel=lambda xp, x, *, threshold, value: xp.where(x <= threshold, xp.full_like(x, value), x),
)
hardtanh = elementwise(
    "hardtanh",
    lambda _y, x, *, min_val, max_val: logical_not(logical_or(x <= min_val, x >= max_val)),  # a nan passes it on
    kernel=lambda xp, x, *, min_val, max_val: xp.clip(x, min_val, max_val),
)
leaky_relu = elementwise(
    "leaky_relu",
    lambda _y, x, *, negative_slope: where(x > 0, 1.0, negative_slope),
    kernel=lambda xp, x, *, negative_slope: xp.where(x > 0, x, x * negative_slope),
)
prelu = elementwise(
    "prelu",
    lambda _y, x, w: where(x > 0, 1.0, w),
    lambda _y, x, _w: where(x > 0, 0.0, x),
    kernel=lambda xp, x, w: xp.where(x > 0, x, w * x),
    node="PreluKernelBackward0",
)
elu = elementwise(
    "elu",
    lambda _y, x, *, alpha, scale, input_scale: where(
        x > 0,
        scale,
        (scale * alpha * input_scale) * exp(where(x < 0, x, 0.0) * input_scale),  # no overflow where unused
    ),
    kernel=lambda xp, x, *, alpha, scale, input_scale: xp.where(
        x > 0, x * scale, xp.expm1(xp.where(x > 0, 0, x) * input_scale) * (alpha * scale)
    ),
)
hardsigmoid = elementwise(
    "hardsigmoid",
    lambda _y, x: where(logical_and(x > -3, x < 3), 1 / 6, 0.0),
    kernel=lambda xp, x: xp.clip(x + 3, 0, 6) / 6,
)
hardswish = elementwise(
    "hardswish",
    lambda _y, x: where(x <= -3, 0.0, where(x < 3, x / 3 + 0.5, 1.0)),
    kernel=lambda xp, x: x * xp.clip(x + 3, 0, 6) / 6,
)
softshrink = elementwise(
    "softshrink",
    lambda _y, x, *, lambd: logical_not(logical_and(x >= -lambd, x <= lambd)),
    kernel=lambda xp, x, *, lambd: xp.where(x > lambd, x - lambd, xp.where(x < -lambd, x + lambd, x * 0)),
)
hardshrink = elementwise(
    "hardshrink",
    lambda _y, x, *, lambd: logical_not(logical_and(x >= -lambd, x <= lambd)),
    kernel=lambda xp, x, *, lambd: xp.where((x >= -lambd) & (x <= lambd), 0, x),
)
silu = elementwise(
    "silu",
    lambda _y, x: sigmoid(x) * (1 + x * sigmoid(-x)),
    kernel=lambda xp, x: x * xp.sigmoid(x),
)
mish = elementwise(
    "mish",
    lambda _y, x: _mish_partial(x),
    kernel=lambda xp, x: x * xp.tanh(xp.logaddexp(x, 0.0)),
)
softplus = elementwise(
    "softplus",
    lambda _y, x, *, beta, threshold: where(x * beta > threshold, 1.0, sigmoid(x * beta)),
    kernel=lambda xp, x, *, beta, threshold: xp.where(
        x * beta > threshold, x, xp.log1p(xp.exp(xp.where(x * beta > threshold, 0, x * beta))) / beta
    ),
)
softsign = elementwise(
    "softsign",
    lambda _y, x: 1 / square(1 + abs(x)),
    kernel=lambda xp, x: x / (1 + xp.abs(x)),
    node="DivBackward0",
)
tanhshrink = elementwise(
    "tanhshrink",
    lambda _y, x: square(tanh(x)),
    kernel=lambda xp, x: x - xp.tanh(x),
    node="SubBackward0",
)
log_sigmoid = elementwise(
    "log_sigmoid",
    lambda _y, x: sigmoid(-x),
    kernel=lambda xp, x: xp.minimum(x, 0) - xp.log1p(xp.exp(-xp.abs(x))),
    node="LogSigmoidBackward0",
)
gelu = elementwise(
    "gelu",
    lambda _y, x, *, approximate: _gelu_tanh_partial(x) if approximate == "tanh" else _gelu_partial(x),
    kernel=lambda xp, x, *, approximate: (
        0.5 * x * (1 + xp.tanh(SQRT_2_OVER_PI * (x + 0.044715 * x * x * x)))
        if approximate == "tanh"
        else 0.5 * x * (1 + xp.erf(x * SQRT_HALF))
    ),
    plain=(
        lambda _y, x, *, approximate: _plain_gelu_tanh_partial(x) if approximate == "tanh" else _plain_gelu_partial(x),
    ),
)


def _gelu_partial(x):  # by the complement, which has digits where 1 + erf(x) has none
    return 0.5 * erfc(x * -SQRT_HALF) + x * exp(-0.5 * x * x) * INV_SQRT_2PI


def _plain_gelu_partial(x):
    return 0.5 * (1 + erf(x * SQRT_HALF)) + x * exp(-0.5 * x * x) * INV_SQRT_2PI


def _gelu_tanh_partial(x):  # by the sigmoid of twice the argument, likewise
    u = 2 * SQRT_2_OVER_PI * (x + 0.044715 * x * x * x)
    slope = 2 * SQRT_2_OVER_PI * (1 + 3 * 0.044715 * x * x)
    return sigmoid(u) + x * sigmoid(u) * sigmoid(-u) * slope


def _plain_gelu_tanh_partial(x):
    t = tanh(SQRT_2_OVER_PI * (x + 0.044715 * x * x * x))
    slope = SQRT_2_OVER_PI * (1 + 3 * 0.044715 * x * x)
    return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * slope


def _mish_partial(x):
    t = tanh(logaddexp(x, 0.0))  # tanh(softplus(x)), without overflow
    return t + x * (1 - t * t) * sigmoid(x)
