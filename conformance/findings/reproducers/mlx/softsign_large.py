"""The gradient of softsign at 5e8 is 0, from a difference of equal numbers; it is 4e-18."""

import mlx.core as mx
from mlx import nn

g = mx.grad(lambda x: mx.sum(nn.softsign(x)))(mx.array([5e8])).item()
assert abs(g / 4e-18 - 1) < 1e-3, g
