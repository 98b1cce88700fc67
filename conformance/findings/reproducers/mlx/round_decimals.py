"""round of float64 to 1 decimal gives 0.5000000074505806 for 0.5000001; it is 0.5."""

import mlx.core as mx

mx.set_default_device(mx.cpu)
y = mx.round(mx.array([0.5000001], dtype=mx.float64), 1).item()
assert y == 0.5, y
