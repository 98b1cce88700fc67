"""det of float64 is computed in float32 from four rows on: that of a diagonal of 0.1 is wrong by 1e-7 of itself."""

import mlx.core as mx

mx.set_default_device(mx.cpu)
y = mx.linalg.det(0.1 * mx.eye(4, dtype=mx.float64)).item()
assert abs(y / 1e-4 - 1) < 1e-12, y
