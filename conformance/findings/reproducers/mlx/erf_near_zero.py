"""erf of float32 is 0 at 1e-16 and has five right digits at 0.28; it is 1.128e-16."""

import mlx.core as mx

y = mx.erf(mx.array([1e-16])).item()
assert abs(y / 1.1283791671e-16 - 1) < 1e-3, y
