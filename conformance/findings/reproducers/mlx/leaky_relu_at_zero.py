"""The gradient of leaky_relu at 0 is 1; PyTorch documents the slope, 0.25, the subgradient of least norm."""

import mlx.core as mx
import mlx.nn

mx.set_default_device(mx.cpu)
g = mx.grad(lambda x: mlx.nn.leaky_relu(x, 0.25).sum())(mx.zeros((1,)))
assert g.item() == 0.25, g
