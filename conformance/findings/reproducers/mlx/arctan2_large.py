"""The gradient of arctan2 at (1e20, 1e20) is 0, since squares overflow; it is (5e-21, -5e-21)."""

import mlx.core as mx

g = mx.grad(mx.arctan2)(mx.array(1e20), mx.array(1e20))
assert abs(g.item() / 5e-21 - 1) < 1e-5, g
