"""The gradient of arctan2 at (1e-25, 1e-25) in float32 is infinite, since squares underflow; it is 5e24."""

import mlx.core as mx

g = mx.grad(mx.arctan2)(mx.array(1e-25), mx.array(1e-25))
assert abs(g.item() / 5e24 - 1) < 1e-5, g
