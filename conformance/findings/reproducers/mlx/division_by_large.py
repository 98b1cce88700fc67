"""The gradient of -1e30 / y in y at 1e20 is 0, since y * y overflows; it is 1e30 / y / y = 1e-10."""

import mlx.core as mx

g = mx.grad(lambda y: mx.divide(mx.array(-1e30), y))(mx.array(1e20))
assert abs(g.item() / 1e-10 - 1) < 1e-5, g
