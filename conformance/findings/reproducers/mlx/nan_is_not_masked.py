"""A nan that comes in reaches elements of relu that are not active, as 0 * nan; PyTorch masks it, and gives 0."""

import mlx.core as mx
import mlx.nn

mx.set_default_device(mx.cpu)
_, (g,) = mx.vjp(lambda x: [mlx.nn.relu(x)], [mx.array([-1.0])], [mx.array([float("nan")])])
assert g.item() == 0, g
