"""The gradient of leaky_relu at -infinity is 1; it is the slope, 0.01."""

import math

import mlx.core as mx
from mlx import nn

g = mx.grad(lambda x: mx.sum(nn.leaky_relu(x, 0.01)))(mx.array([-math.inf])).item()
assert abs(g - 0.01) < 1e-6, g
