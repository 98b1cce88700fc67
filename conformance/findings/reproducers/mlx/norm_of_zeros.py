"""The gradient of linalg.norm at zero is nan; PyTorch documents 0, the subgradient of least norm."""

import mlx.core as mx

mx.set_default_device(mx.cpu)
g = mx.grad(mx.linalg.norm)(mx.zeros((3,)))
assert (g == 0).all().item(), g
