"""The gradient of maximum goes to the second of two equal arguments; PyTorch documents that each has half of it."""

import mlx.core as mx

mx.set_default_device(mx.cpu)
x = mx.array([1.0])
_, (g, h) = mx.vjp(lambda x, y: [mx.maximum(x, y)], [x, x], [x])
assert g.item() == 0.5, (g, h)
