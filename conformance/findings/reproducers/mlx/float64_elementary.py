"""exp, sin, cos, sigmoid and erf of float64 are computed in float32: exp(1) is wrong by 8e-8, and says float64."""

import math

import mlx.core as mx

mx.set_default_device(mx.cpu)
y = mx.exp(mx.array(1.0, dtype=mx.float64))
assert abs(y.item() - math.e) < 1e-14, (y.dtype, y.item() - math.e)
