"""The gradient of celu at 0 is 0, though celu is smooth there for alpha = 1; it is 1."""

import mlx.core as mx
from mlx import nn

g = mx.grad(lambda x: mx.sum(nn.celu(x)))(mx.array([0.0])).item()
assert g == 1.0, g
